// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "core/base/bytes.h"

namespace bivouac::firmware {

/// Notices the end of each TLS record in a stream, so that a pool thread is woken for whole records
/// only: a peer that sends a byte at a time costs a few instructions for each.
class RecordWatch {
 public:
  /// Whether a record has ended, or the stream is no TLS, within these bytes.
  bool feed(ByteView bytes) {
    bool worth_a_look = false;
    for (std::size_t at = 0; at < bytes.size();) {
      if (header_bytes_ < header_.size()) {
        header_[header_bytes_++] = bytes[at++];
        if (header_bytes_ < header_.size()) continue;
        body_left_ = static_cast<std::size_t>(header_[3]) << 8 | header_[4];
        const bool plausible =
            header_[0] >= 20 && header_[0] <= 24 && header_[1] == 3 && body_left_ <= record_max;
        if (!plausible) body_left_ = 0;
        worth_a_look = worth_a_look || !plausible;
      } else {
        const std::size_t step = body_left_ < bytes.size() - at ? body_left_ : bytes.size() - at;
        body_left_ -= step;
        at += step;
      }
      if (body_left_ == 0) {
        header_bytes_ = 0;
        worth_a_look = true;
      }
    }
    return worth_a_look;
  }

 private:
  static constexpr std::size_t record_max = 16 * 1024 + 2048;
  std::array<std::uint8_t, 5> header_{};
  std::size_t header_bytes_ = 0;
  std::size_t body_left_ = 0;
};

}  // namespace bivouac::firmware
