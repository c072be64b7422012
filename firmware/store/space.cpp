// SPDX-License-Identifier: Apache-2.0
#include "firmware/store/space.h"

#include "firmware/store/files.h"
#include "firmware/store/layout.h"

namespace bivouac::firmware {

bool Space::has_reserve() const {
  const std::int64_t size = files_.size(layout::reserve(options_.path));
  return size >= static_cast<std::int64_t>(options_.reserve_bytes);
}

bool Space::look() {
  const bool was_low = low_;
  const std::string reserve = layout::reserve(options_.path);
  free_bytes_ = files_.free_bytes(options_.path);
  bool whole = has_reserve();
  // Twice the mark to recover, so that the state does not flutter around it.
  const std::uint64_t wanted = low_ ? 2 * options_.space_low_bytes : options_.space_low_bytes;
  if (!whole && free_bytes_ >= wanted + options_.reserve_bytes) {
    whole = files_.allocate(reserve, options_.reserve_bytes);
    if (!whole) files_.remove(reserve);  // half a reserve is only lost space
    free_bytes_ = files_.free_bytes(options_.path);
  }
  low_ = !whole || free_bytes_ < wanted;
  return low_ != was_low;
}

bool Space::release() {
  const std::string reserve = layout::reserve(options_.path);
  if (files_.size(reserve) < 0) return false;
  return files_.remove(reserve);
}

}  // namespace bivouac::firmware
