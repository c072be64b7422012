// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/bytes.h"

namespace bivouac {

/// Keyed 64-bit hash (SipHash-2-4). The key comes from the store's incarnation, so that a peer
/// cannot choose identities which collide.
std::uint64_t siphash(std::uint64_t key0, std::uint64_t key1, ByteView bytes);

/// CRC-32C (Castagnoli) of stored bytes, to find damage; not a defence against intent.
std::uint32_t crc32c(ByteView bytes, std::uint32_t previous = 0);

}  // namespace bivouac
