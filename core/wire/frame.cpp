// SPDX-License-Identifier: Apache-2.0
#include "core/wire/frame.h"

#include "core/base/assert.h"

namespace bivouac::wire {
namespace {

constexpr std::size_t version_at = 4;
constexpr std::size_t hops_at = 5;
constexpr std::size_t flags_at = 6;

}  // namespace

void write_header(const FrameHeader& header, std::span<std::uint8_t> out) {
  BIVOUAC_ASSERT(out.size() >= limits::frame_header_bytes);
  for (unsigned i = 0; i < 4; ++i) {
    out[i] = static_cast<std::uint8_t>(header.body_bytes >> (8 * i));
  }
  out[version_at] = frame_version;
  out[hops_at] = header.hops;
  out[flags_at] = 0;
  out[flags_at + 1] = 0;
}

Result<FrameHeader> read_header(ByteView bytes, std::size_t body_bytes_max) {
  BIVOUAC_ASSERT(bytes.size() >= limits::frame_header_bytes);
  // The version first: it says what the other fields mean.
  if (bytes[version_at] != frame_version) return refuse(Cause::frame_version);
  if (bytes[flags_at] != 0 || bytes[flags_at + 1] != 0) return refuse(Cause::frame_flags);
  FrameHeader header;
  for (unsigned i = 0; i < 4; ++i) header.body_bytes |= std::uint32_t{bytes[i]} << (8 * i);
  header.hops = bytes[hops_at];
  if (header.body_bytes > body_bytes_max) return refuse(Cause::frame_too_long);
  return header;
}

}  // namespace bivouac::wire
