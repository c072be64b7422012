// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "firmware/store/options.h"

namespace bivouac::firmware {

/// Watches the free space and keeps a reserve: bytes that are ours even when the disk is full, for
/// the commits which make room or which must not fail.
class Space {
 public:
  Space(const StoreOptions& options, Files& files) : options_(options), files_(files) {}

  /// Looks anew; makes the reserve when there is room again. True: is_low() has changed.
  bool look();
  /// A write found no room.
  void on_full() { low_ = true; }
  /// Gives the reserve back to the file system; false: there was none.
  bool release();
  bool is_low() const { return low_; }
  std::uint64_t free_bytes() const { return free_bytes_; }

 private:
  bool has_reserve() const;

  const StoreOptions& options_;
  Files& files_;
  std::uint64_t free_bytes_ = 0;
  bool low_ = false;
};

}  // namespace bivouac::firmware
