# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# ./dev image and ./dev test-image.

board_names() { (cd "$project/boards" && dirname -- */board.conf | paste -sd' '); }

require_board() {
  [[ -n ${1-} && -f $project/boards/$1/board.conf ]] || fail "expected a board: $(board_names)"
}

# board_value BOARD KEY
board_value() { (source "$project/boards/$1/board.conf" && printf '%s' "${!2}"); }

make_image() {
  require_board "${1-}"
  local board=$1 folder="build/images/$1" preset
  preset=$(board_value "$board" preset)
  ensure_environment
  ensure_catch2
  build_quietly "$preset" "Building bivouac for $preset" --target bivouac
  mkdir -p "$folder"
  in_environment "$(board_value "$board" triplet)-strip" -o "$folder/bivouac" \
    "build/$preset/bin/bivouac"
  use_image_environment
  ensure_environment
  quietly "Making the image for $board (about 1 minute)" "image-$board" \
    in_environment bash toolchains/image.sh "$board" "$folder/bivouac" "$folder"
  cat "$folder/size.txt"
  say "dev: the image is build/images/$board/bivouac-$board.img"
}

test_image() {
  require_board "${1-}"
  local board=$1
  shift
  ensure_environment
  build_quietly host "Building bivouac for this machine" --target bivouac
  [[ -f build/images/$board/bivouac-$board.img ]] || (make_image "$board")
  use_image_environment
  ensure_environment
  in_environment python3 -B tests/image/test_image.py "$board" \
    "build/images/$board/bivouac-$board.img" build/bin/bivouac "$@"
}
