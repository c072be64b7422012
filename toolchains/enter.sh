#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# enter.sh ROOT PROJECT FOLDER UID:GID COMMAND...: runs COMMAND in ROOT with the project and /tmp at
# their usual paths. Started in a private mount namespace, so that nothing is left behind.
set -euo pipefail
root=$1 project=$2 folder=$3 user=$4
shift 4

for special in dev proc sys tmp; do
  mount --rbind "/$special" "$root/$special"
done
if [[ $project != /tmp/* ]]; then
  mkdir -p "$root$project"
  mount --bind "$project" "$root$project"
fi
if [[ $folder/ != "$project"/* && $folder/ != /tmp/* ]]; then
  echo "dev: commands run in the project or in /tmp, not in $folder" >&2
  exit 1
fi
mkdir -p "$project/.sdk/home"
export HOME="$project/.sdk/home" LC_ALL=C.UTF-8
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset LANGUAGE LD_LIBRARY_PATH CC CXX
# shellcheck disable=SC2016
exec chroot --userspec="$user" "$root" /bin/bash -c 'cd "$0" && exec "$@"' "$folder" "$@"
