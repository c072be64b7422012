// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <span>

#include "core/engine/effects.h"

namespace bivouac::firmware {

/// Frames that wait to leave on one connection: control before bulk, a frame once begun to its end,
/// bounded by count and by bytes (core/base/limits.h).
class OutputQueue {
 public:
  /// False: full, and the frame was not taken.
  bool push(engine::SharedBytes frame, engine::Priority priority);
  /// Moves as many bytes as fit, across frames; returns how many.
  std::size_t fill(std::span<std::uint8_t> out);

  bool empty() const { return frames_ == 0; }
  std::size_t bytes() const { return bytes_; }
  std::size_t frames() const { return frames_; }

 private:
  std::deque<engine::SharedBytes>& lane_of(engine::Priority priority) {
    return priority == engine::Priority::control ? control_ : bulk_;
  }

  std::deque<engine::SharedBytes> control_;
  std::deque<engine::SharedBytes> bulk_;
  engine::SharedBytes current_;  // begun
  std::size_t offset_ = 0;       // into current_
  std::size_t bytes_ = 0;
  std::size_t frames_ = 0;
};

}  // namespace bivouac::firmware
