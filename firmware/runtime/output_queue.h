// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <span>
#include <utility>

#include "core/engine/effects.h"

namespace bivouac::firmware {

/// Frames that wait to leave on one connection: control before bulk, a frame once begun to its end,
/// bounded by count and by bytes (core/base/limits.h).
class OutputQueue {
 public:
  /// Of the frames whose leaving is told: how many left, and their bytes.
  struct Told {
    std::size_t frames = 0;
    std::size_t bytes = 0;
  };

  /// False: full, and the frame was not taken.
  bool push(engine::SharedBytes frame, engine::Priority priority, bool tell = false);
  /// Moves as many bytes as fit, across frames; returns how many.
  std::size_t fill(std::span<std::uint8_t> out);

  /// What has left since the last call.
  Told take_told() { return std::exchange(told_, {}); }

  bool empty() const { return frames_ == 0; }
  std::size_t bytes() const { return bytes_; }
  std::size_t frames() const { return frames_; }

 private:
  struct Waiting {
    engine::SharedBytes frame;
    bool tell = false;
  };
  std::deque<Waiting>& lane_of(engine::Priority priority) {
    return priority == engine::Priority::control ? control_ : bulk_;
  }

  std::deque<Waiting> control_;
  std::deque<Waiting> bulk_;
  Waiting current_;         // begun
  std::size_t offset_ = 0;  // into current_
  Told told_;
  std::size_t bytes_ = 0;
  std::size_t frames_ = 0;
};

}  // namespace bivouac::firmware
