// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <absl/container/btree_map.h>

#include "core/base/cause.h"

namespace bivouac::engine {

/// Refusals by cause since the start, for `bivouac status`.
class Counters {
 public:
  void count(Cause cause) { ++refusals_[cause]; }
  std::uint64_t refusals(Cause cause) const {
    const auto found = refusals_.find(cause);
    return found == refusals_.end() ? 0 : found->second;
  }
  const absl::btree_map<Cause, std::uint64_t>& all() const { return refusals_; }

 private:
  absl::btree_map<Cause, std::uint64_t> refusals_;
};

}  // namespace bivouac::engine
