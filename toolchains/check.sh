# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# ./dev test, ./dev fuzz and ./dev soak.

# One ctest run over everything: the builds' own tests, and the checks that are no program of ours.
write_check_list() {
  local folder="$project/build/check" build
  mkdir -p "$folder"
  {
    for build in "$project"/build "$project"/build/{host-asan,armv7,arm64}; do
      echo "subdirs(\"$build\")"
    done
    check_test lint python3 -B tests/lint/run.py
    check_test lint.selftest python3 -B tests/lint/selftest.py
    check_test core.symbols python3 -B tests/lint/symbols.py build
    check_test sim.planted bash tests/sim/planted.sh build/planted/bin/bivouac-sim
    check_test fuzz.canary bash toolchains/canary.sh build/fuzz/bin/fuzz_canary
    local layer
    for layer in core/*/ firmware/*/; do
      compgen -G "$layer**.cpp" >/dev/null || compgen -G "$layer*/*.cpp" >/dev/null || continue
      check_test "tidy.${layer%/}" python3 -B tests/lint/tidy.py build/host-asan "${layer%/}"
    done
  } >"$folder/CTestTestfile.cmake"
  rm -f "$folder"/Testing/Temporary/LastTestsFailed*.log
}

check_test() {
  local name=$1
  shift
  printf 'add_test("%s"' "$name"
  printf ' "%s"' "$@"
  printf ')\nset_tests_properties("%s" PROPERTIES LABELS "check" TIMEOUT 900' "$name"
  printf ' WORKING_DIRECTORY "%s")\n' "$project"
}

run_all_checks() {
  say "dev: everything that CI runs; from nothing about an hour on two processors"
  ensure_environment
  ensure_catch2
  build_quietly host "Building for this machine"
  build_quietly host-asan "Building with the sanitizers"
  build_quietly armv7 "Building for armv7"
  build_quietly arm64 "Building for arm64"
  build_quietly planted "Building the simulator with known bugs" --target bivouac-sim
  build_quietly fuzz "Building the fuzzing canary" --target fuzz_canary
  write_check_list
  in_environment ctest --test-dir build/check --parallel "$jobs" --output-on-failure \
    --no-label-summary "$@"
}

run_fuzzers() {
  local seconds=${1:-60} target name status=0
  [[ $seconds =~ ^[0-9]+$ ]] || fail "usage: ./dev fuzz [SECONDS]"
  ensure_environment
  build_quietly fuzz "Building the fuzz targets (about 3 minutes from nothing)"
  say "dev: the canary: a fault that the fuzzer must find"
  in_environment bash toolchains/canary.sh build/fuzz/bin/fuzz_canary || status=1
  for target in build/fuzz/bin/fuzz_*; do
    name=${target##*/}
    [[ $name == fuzz_canary ]] && continue
    # What is found beyond the checked-in inputs goes to the build folder; add to corpora/ what
    # should stay.
    mkdir -p "build/fuzz/found/$name" "tests/fuzz/corpora/$name"
    quietly "Fuzzing $name for $seconds s" "$name" in_environment "$target" \
      -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/found/$name-" \
      "build/fuzz/found/$name" "tests/fuzz/corpora/$name" || status=1
  done
  return "$status"
}

run_soak() {
  local seconds=${1:-60} bug status=0
  [[ $seconds =~ ^[0-9]+$ ]] || fail "usage: ./dev soak [SECONDS]"
  ensure_environment
  build_quietly host "Building the simulator" --target bivouac-sim
  build_quietly planted "Building the simulator with known bugs" --target bivouac-sim
  mkdir -p build/soak
  in_environment bash -c 'cd build/soak && exec "$@"' soak \
    ../bin/bivouac-sim soak --seconds "$seconds" --from "$(date +%s)" --jobs "$jobs" || status=1
  for bug in $(in_environment build/planted/bin/bivouac-sim soak --list-planted); do
    if in_environment bash -c 'cd build/soak && exec "$@"' soak ../planted/bin/bivouac-sim soak \
      --seconds 60 --jobs "$jobs" --tries 0 --plant "$bug" >"build/soak/$bug.txt"; then
      say "dev: $bug was not found in 60 s"
      status=1
    else
      say "dev: $bug is found: build/soak/$bug.txt"
    fi
  done
  return "$status"
}
