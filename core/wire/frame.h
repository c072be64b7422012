// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/limits.h"
#include "core/base/result.h"

// The eight bytes before every FlatBuffers envelope; see FORMAT.md.

namespace bivouac::wire {

inline constexpr std::uint8_t frame_version = 1;

struct FrameHeader {
  std::uint32_t body_bytes = 0;  // what follows the header
  std::uint8_t hops = 0;         // raised by each proxy that forwards the frame
};

/// Writes exactly limits::frame_header_bytes.
void write_header(const FrameHeader& header, std::span<std::uint8_t> out);

/// Refuses a wrong version, unknown flags and a body longer than `body_bytes_max`.
Result<FrameHeader> read_header(ByteView bytes, std::size_t body_bytes_max);

}  // namespace bivouac::wire
