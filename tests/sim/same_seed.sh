#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# same_seed.sh HOST_PROGRAM PROGRAM...: one seed gives the same bytes with the program of this
# machine's own build and with another one, which may need an emulator before it.
set -euo pipefail
host=$1
shift
seed=42
expected=$("$host" seed "$seed" | sha256sum)
found=$("$@" seed "$seed" | sha256sum)
echo "seed $seed: $expected and $found"
[[ $expected == "$found" ]]
lines=$("$host" seed "$seed" | wc -l)
echo "$lines lines"
((lines > 1000))
