#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# catch2.sh PROJECT MIRROR: builds Catch2 for the foreign targets from Debian's source package. Runs
# inside the tool environment; a finished build is kept in .sdk/catch2/PROCESSOR.
set -euo pipefail
project=$1 mirror=$2
cache="$project/.sdk/catch2"
source "$project/toolchains/packages.sh"

if ! compgen -G "$cache/source/catch2_*.orig.tar.*" >/dev/null; then
  rm -rf "$cache/fetch"
  mkdir -p "$cache/fetch/lists/partial"
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  echo "deb-src [signed-by=$keyring] $mirror $base_suite main" >"$cache/fetch/sources.list"
  private=(-o "Dir::Etc::sourcelist=$cache/fetch/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$cache/fetch/lists" -o "Dir::Cache=$cache/fetch"
    -o APT::Sandbox::User=root)
  apt-get "${private[@]}" update
  (cd "$cache/fetch" && apt-get "${private[@]}" source --download-only catch2)
  rm -rf "$cache/fetch/lists" "$cache/source"
  mv "$cache/fetch" "$cache/source"
fi

for toolchain in armv7 aarch64; do
  [[ -e $cache/$toolchain ]] && continue
  work="$cache/work-$toolchain"
  rm -rf "$work"
  mkdir -p "$work/source"
  tar -C "$work/source" --strip-components=1 -xf "$cache"/source/catch2_*.orig.tar.?z*
  cmake -G Ninja -S "$work/source" -B "$work/build" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$work/install" \
    -DCMAKE_TOOLCHAIN_FILE="$project/toolchains/$toolchain-linux.cmake" \
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
    -DCMAKE_CXX_FLAGS="-D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64" \
    -DBUILD_TESTING=OFF -DCATCH_DEVELOPMENT_BUILD=OFF -DCATCH_INSTALL_DOCS=OFF
  cmake --build "$work/build" --target install
  mv "$work/install" "$cache/$toolchain"
  rm -rf "$work"
done
