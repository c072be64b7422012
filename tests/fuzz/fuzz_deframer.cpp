// SPDX-License-Identifier: Apache-2.0
// Any bytes, cut in any way: the deframer gives the frames that a plain reading of the whole stream
// gives, at aligned addresses, and the same trouble at its end.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/assert.h"
#include "core/wire/deframer.h"

using namespace bivouac;
using namespace bivouac::wire;

namespace {

struct Frames {
  std::vector<Bytes> bodies;
  std::vector<std::uint8_t> hops;
  Cause error = Cause::none;
  friend bool operator==(const Frames&, const Frames&) = default;
};

struct Setting {
  bool large = false;
  std::size_t pool = 0;
};

/// The plain reading, with the whole stream at hand.
Frames expected(ByteView stream, const Setting& setting) {
  Frames all;
  const std::size_t longest =
      setting.large ? limits::frame_bytes_max : limits::frame_bytes_before_hello_max;
  while (stream.size() >= limits::frame_header_bytes) {
    const auto header = read_header(stream.first(limits::frame_header_bytes), longest);
    if (!header) {
      all.error = header.error();
      return all;
    }
    const std::size_t whole = limits::frame_header_bytes + header->body_bytes;
    if (whole > limits::connection_buffer_bytes && setting.pool == 0) {
      all.error = Cause::overloaded;
      return all;
    }
    if (stream.size() < whole) return all;
    const ByteView body = stream.subspan(limits::frame_header_bytes, header->body_bytes);
    all.bodies.emplace_back(body.begin(), body.end());
    all.hops.push_back(header->hops);
    stream = stream.subspan(whole);
  }
  return all;
}

/// What the deframer makes of it. `cuts` says how many bytes come at once, in turn.
Frames deframed(ByteView stream, const Setting& setting, ByteView cuts) {
  Frames all;
  LargeFrames pool(setting.pool);
  {
    Deframer deframer(pool);
    if (setting.large) deframer.allow_large();
    for (std::size_t turn = 0; !stream.empty() && all.error == Cause::none; ++turn) {
      const std::size_t wanted = cuts.empty() ? limits::connection_buffer_bytes
                                              : std::size_t{1} + cuts[turn % cuts.size()] * 16U;
      const std::size_t size = std::min({wanted, stream.size(), limits::connection_buffer_bytes});
      deframer.append(stream.first(size));
      stream = stream.subspan(size);
      while (deframer.has_frame() && all.error == Cause::none) {
        const auto frame = deframer.frame();
        if (!frame) {
          all.error = frame.error();
          deframer.next();
          BIVOUAC_ASSERT(deframer.frame().error() == all.error);  // it stays
          continue;
        }
        BIVOUAC_ASSERT(reinterpret_cast<std::uintptr_t>(frame->body.data()) % 16 == 0);
        BIVOUAC_ASSERT(frame->body.size() == frame->header.body_bytes);
        all.bodies.emplace_back(frame->body.begin(), frame->body.end());
        all.hops.push_back(frame->header.hops);
        deframer.next();
      }
    }
  }
  for (std::size_t i = 0; i < setting.pool; ++i) BIVOUAC_ASSERT(pool.take());  // nothing is kept
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t cuts_size = 4;
  if (size < 1 + cuts_size) return 0;
  const Setting setting{(data[0] & 1U) != 0, (data[0] & 2U) != 0 ? std::size_t{1} : std::size_t{0}};
  const ByteView cuts(data + 1, cuts_size);
  const ByteView stream(data + 1 + cuts_size, size - 1 - cuts_size);
  const Frames right = expected(stream, setting);
  BIVOUAC_ASSERT(deframed(stream, setting, {}) == right);
  BIVOUAC_ASSERT(deframed(stream, setting, cuts) == right);
  return 0;
}
