// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "core/base/bytes.h"
#include "core/base/limits.h"
#include "core/base/result.h"
#include "core/wire/frame.h"

namespace bivouac::wire {

/// Buffers for frames that do not fit into a connection's own 4 KiB: a bounded number for all
/// connections together. What cannot be borrowed is refused as overloaded, and counted.
class LargeFrames {
 public:
  explicit LargeFrames(std::size_t count_max) : free_(count_max) {}
  bool take() { return free_ == 0 ? false : (--free_, true); }
  void give_back() { ++free_; }

 private:
  std::size_t free_;
};

/// One whole frame, its body at an address aligned to 16, as FlatBuffers demands. Valid until the
/// deframer that gave it is told to go on.
struct Frame {
  FrameHeader header;
  ByteView body;
};

/// Turns the bytes of one connection into whole frames. Holds limits::connection_buffer_bytes while
/// it must; borrows one large buffer while a longer frame arrives, and only after `allow_large`.
class Deframer {
 public:
  explicit Deframer(LargeFrames& large_frames);
  ~Deframer();
  Deframer(Deframer&&) noexcept;
  Deframer& operator=(Deframer&&) = delete;

  /// At most limits::connection_buffer_bytes at once, and only while !has_frame().
  void append(ByteView bytes);
  /// A whole frame waits, or an error.
  bool has_frame() const;
  /// The frame that waits, or why the connection must be closed.
  Result<Frame> frame() const;
  /// Forgets the frame that waits; bytes behind it may hold the next one.
  void next();
  /// After the peer has said Hello, and before next() is called for it: frames up to
  /// limits::frame_bytes_max.
  void allow_large();
  /// Memory held for bytes: none when idle, connection_buffer_bytes (and a few) while a frame that
  /// fits is incomplete, twice that while the frames of one append are consumed.
  std::size_t held_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bivouac::wire
