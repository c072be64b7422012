# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# ./dev test and ./dev fuzz.

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
  say "dev: everything that CI runs; from nothing about 25 minutes on two processors"
  ensure_environment
  ensure_catch2
  build_quietly host "Building for this machine"
  build_quietly host-asan "Building with the sanitizers"
  build_quietly armv7 "Building for armv7"
  build_quietly arm64 "Building for arm64"
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
