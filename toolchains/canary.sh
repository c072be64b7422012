#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# canary.sh PROGRAM: the fuzzer must find the fault planted in PROGRAM; if it does not, fuzzing is
# blind.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if "$1" -max_total_time=60 -seed=1 -artifact_prefix="$work/" >"$work/log" 2>&1; then
  tail -n 5 "$work/log"
  echo "the planted fault was not found: fuzzing is blind"
  exit 1
fi
grep -Eq 'libFuzzer: deadly signal|AddressSanitizer|UndefinedBehaviorSanitizer' "$work/log" ||
  { cat "$work/log"; echo "the canary ended, but not by its planted fault"; exit 1; }
echo "the planted fault was found"
