// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace bivouac::firmware {

/// For buffers that live on after what passed through them: frames may bear key material. Memory
/// that is given back is wiped anyway (wiping_memory.cpp).
inline void wipe(std::span<std::uint8_t> bytes) {
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

}  // namespace bivouac::firmware
