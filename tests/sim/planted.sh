#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# planted.sh PROGRAM: each known bug is found by the seed that is recorded for it, and by none
# without the bug. The program is of the build that has them.
set -euo pipefail
program=$1
here=$(dirname "${BASH_SOURCE[0]}")
status=0
while read -r bug seed; do
  [[ -z $bug || $bug == '#'* ]] && continue
  if "$program" seed "$seed" --plant "$bug" >/dev/null; then
    echo "$bug: seed $seed did not find it"
    status=1
  fi
  if ! "$program" seed "$seed" >/dev/null; then
    echo "$bug: seed $seed finds something without it"
    status=1
  fi
done <"$here/planted.txt"
for bug in $("$program" soak --list-planted); do
  grep -q "^$bug " "$here/planted.txt" || { echo "$bug: no seed is recorded"; status=1; }
done
exit "$status"
