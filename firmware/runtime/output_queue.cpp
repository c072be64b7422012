// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/output_queue.h"

#include <algorithm>

namespace bivouac::firmware {

bool OutputQueue::push(engine::SharedBytes frame, engine::Priority priority, bool tell) {
  if (frame == nullptr || frame->empty()) return true;
  if (frames_ >= limits::queue_frames_max || bytes_ + frame->size() > limits::queue_bytes_max)
    return false;
  bytes_ += frame->size();
  ++frames_;
  lane_of(priority).push_back({std::move(frame), tell});
  return true;
}

std::size_t OutputQueue::fill(std::span<std::uint8_t> out) {
  std::size_t filled = 0;
  while (filled < out.size() && frames_ > 0) {
    if (current_.frame == nullptr) {
      std::deque<Waiting>& lane = control_.empty() ? bulk_ : control_;
      current_ = std::move(lane.front());
      lane.pop_front();
      offset_ = 0;
    }
    const std::size_t count = std::min(out.size() - filled, current_.frame->size() - offset_);
    std::copy_n(current_.frame->begin() + static_cast<std::ptrdiff_t>(offset_), count,
                out.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += count;
    offset_ += count;
    bytes_ -= count;
    if (offset_ == current_.frame->size()) {
      if (current_.tell) {
        ++told_.frames;
        told_.bytes += current_.frame->size();
      }
      current_ = {};
      --frames_;
    }
  }
  return filled;
}

}  // namespace bivouac::firmware
