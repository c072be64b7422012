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
      : body_(static_cast<std::uint8_t*>(::operator new(bytes.size() + 1, alignment))) {
    header_ = wire::read_header(bytes, limits::frame_bytes_max).value();
    size_ = bytes.size() - limits::frame_header_bytes;
    if (size_ != 0) std::memcpy(body_.get(), bytes.data() + limits::frame_header_bytes, size_);
  }
  /// A frame with this body, whatever it holds.
  static WholeFrame around(ByteView body) {
    Bytes bytes(limits::frame_header_bytes);
    wire::write_header({static_cast<std::uint32_t>(body.size()), 0}, bytes);
    bytes.insert(bytes.end(), body.begin(), body.end());
    return WholeFrame(bytes);
  }

  wire::Frame frame() const { return {header_, {body_.get(), size_}}; }
  std::uint8_t* body() { return body_.get(); }

 private:
  static constexpr std::align_val_t alignment{16};
  struct Release {
    void operator()(std::uint8_t* bytes) const { ::operator delete(bytes, alignment); }
  };
  std::unique_ptr<std::uint8_t, Release> body_;
  std::size_t size_ = 0;
  wire::FrameHeader header_;
};

}  // namespace bivouac::test
