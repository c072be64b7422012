// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "core/base/bytes.h"

namespace bivouac::firmware {

/// Bytes between a socket and a TLS session, first in first out, bounded. Idle, it holds no memory
/// beyond a small block.
class ByteRing {
 public:
  explicit ByteRing(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  std::size_t size() const { return bytes_.size() - head_; }
  bool empty() const { return size() == 0; }
  std::size_t room() const { return bytes_max_ - size(); }
  ByteView front() const { return ByteView(bytes_).subspan(head_); }

  /// Takes as much as there is room for.
  std::size_t append(ByteView bytes) {
    const std::size_t count = std::min(bytes.size(), room());
    if (head_ > 0 && bytes_.size() + count > bytes_.capacity()) {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }

  void consume(std::size_t count) {
    head_ += count;
    if (head_ < bytes_.size()) return;
    head_ = 0;
    if (bytes_.capacity() > idle_bytes) {
      Bytes().swap(bytes_);
    } else {
      bytes_.clear();
    }
  }

 private:
  static constexpr std::size_t idle_bytes = 4 * 1024;

  std::size_t bytes_max_;
  std::size_t head_ = 0;
  Bytes bytes_;
};

}  // namespace bivouac::firmware
