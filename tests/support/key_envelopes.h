// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/key_envelope.h"

namespace bivouac::test {

/// An envelope whose bytes are found again wherever they went.
inline KeyEnvelope envelope_for(std::string recipient, std::uint32_t gmk = 1,
                                std::uint64_t expiry_wall_ms = 0, std::size_t bytes = 32) {
  KeyEnvelope envelope{std::move(recipient), {gmk}, expiry_wall_ms, {}};
  for (std::size_t i = 0; i < bytes; ++i) {
    const char letter = envelope.recipient.size() <= i ? 'k' : envelope.recipient[i];
    envelope.bytes.push_back(
        static_cast<std::uint8_t>(static_cast<std::size_t>(letter) * 7 + gmk + i * 31));
  }
  return envelope;
}

}  // namespace bivouac::test
