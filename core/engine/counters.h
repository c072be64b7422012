// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <absl/container/btree_map.h>

#include "core/base/cause.h"

namespace bivouac::engine {

/// Refusals by cause since the start, and what was forwarded as a proxy, for `bivouac status`.
class Counters {
 public:
  void count(Cause cause) { ++refusals_[cause]; }
  std::uint64_t refusals(Cause cause) const {
    const auto found = refusals_.find(cause);
    return found == refusals_.end() ? 0 : found->second;
  }
  const absl::btree_map<Cause, std::uint64_t>& all() const { return refusals_; }

  void count_forwarded(std::size_t bytes) {
    ++forwarded_frames_;
    forwarded_bytes_ += bytes;
  }
  std::uint64_t forwarded_frames() const { return forwarded_frames_; }
  std::uint64_t forwarded_bytes() const { return forwarded_bytes_; }

 private:
  absl::btree_map<Cause, std::uint64_t> refusals_;
  std::uint64_t forwarded_frames_ = 0;
  std::uint64_t forwarded_bytes_ = 0;
};

}  // namespace bivouac::engine
