#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Wire and record schemas may only grow: what was written once must stay readable.
#
#   tests/lint/conform.sh            fails when a field was removed, renumbered or retyped since the
#                                    accepted baseline, or when something new is not in it yet
#   tests/lint/conform.sh --accept   takes compatible additions into the baseline
#
# FLATC names the compiler; FlatBuffers itself compares the schemas.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
flatc=${FLATC:-flatc}
mode=${1:-check}
status=0

# What matters of a schema: without comments, one blank between words.
essence() {
  sed 's|//.*||' "$1" | tr -s ' \n' '  '
}

# check_folder FOLDER ROOT_SCHEMA...: a schema is compared together with what it includes.
check_folder() {
  folder=$1
  shift
  cd "$root/$folder"
  for schema in "$@"; do
    if ! "$flatc" --conform "baseline/$schema" --conform-includes baseline -I . "$schema"; then
      echo "$folder/$schema: breaks readers of older data; append fields instead" >&2
      status=1
      return 0
    fi
  done
  if [ "$mode" = --accept ]; then
    cp -- *.fbs baseline/
    return 0
  fi
  for schema in *.fbs; do
    if [ ! -f "baseline/$schema" ] ||
        [ "$(essence "$schema")" != "$(essence "baseline/$schema")" ]; then
      echo "$folder/$schema: compatible, but not in the baseline; run $0 --accept" >&2
      status=1
    fi
  done
}

check_folder core/wire/schema envelope.fbs operator.fbs
check_folder core/store records.fbs
exit $status
