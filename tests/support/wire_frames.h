// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <memory>
#include <new>

#include "core/base/limits.h"
#include "core/wire/deframer.h"
#include "core/wire/frame.h"

// Whole frames for tests, without a connection.

namespace bivouac::test {

/// The frame inside built bytes, its body copied to an address as the deframer would choose it.
class WholeFrame {
 public:
  explicit WholeFrame(ByteView bytes)
      : WholeFrame(wire::read_header(bytes, limits::frame_bytes_max).value(),
                   bytes.subspan(limits::frame_header_bytes)) {}
  /// A frame with this body, whatever it holds.
  static WholeFrame around(ByteView body) {
    return WholeFrame({static_cast<std::uint32_t>(body.size()), 0}, body);
  }

  wire::Frame frame() const { return {header_, {body_.get(), size_}}; }
  std::uint8_t* body() { return body_.get(); }

 private:
  WholeFrame(wire::FrameHeader header, ByteView body)
      : body_(static_cast<std::uint8_t*>(::operator new(body.size() + 1, alignment))),
        size_(body.size()),
        header_(header) {
    if (size_ != 0) std::memcpy(body_.get(), body.data(), size_);
  }

  static constexpr std::align_val_t alignment{16};
  struct Release {
    void operator()(std::uint8_t* bytes) const { ::operator delete(bytes, alignment); }
  };
  std::unique_ptr<std::uint8_t, Release> body_;
  std::size_t size_ = 0;
  wire::FrameHeader header_;
};

}  // namespace bivouac::test
