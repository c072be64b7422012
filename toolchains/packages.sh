# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# The Debian 13 packages of the tool environment. A change here makes ./dev renew it.

base_suite=trixie

tool_packages=(
  ca-certificates procps iproute2 git python3 openssl sqlite3
  g++ make cmake ninja-build ccache dpkg-dev pkgconf
  clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev
  g++-arm-linux-gnueabihf g++-aarch64-linux-gnu qemu-user
  flatbuffers-compiler libflatbuffers-dev libcli11-dev libtomlplusplus-dev catch2
)

# Needed once per architecture: this machine, 32-bit and 64-bit ARM.
foreign_architectures=(armhf arm64)
library_packages=(
  libuv1-dev libmbedtls-dev libsqlite3-dev libc-ares-dev libabsl-dev libstdc++-14-dev
)

# What makes images and boots them: an environment of its own, since few need it and QEMU is large.
image_tool_packages=(
  ca-certificates procps python3 openssl
  mtools dosfstools e2fsprogs fdisk squashfs-tools cpio zstd xz-utils u-boot-tools kmod systemd
  qemu-system-arm u-boot-qemu ipxe-qemu
)

build_packages() {
  printf '%s\n' "${tool_packages[@]}"
  local architecture
  for architecture in amd64 "${foreign_architectures[@]}"; do
    printf "%s:$architecture\n" "${library_packages[@]}"
  done
}

image_packages() { printf '%s\n' "${image_tool_packages[@]}"; }
