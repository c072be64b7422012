// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace bivouac::bench {

struct Settings {
  double seconds = 3;      // of one window; the least that noise allows
  std::size_t rounds = 3;  // of which the median counts
};

}  // namespace bivouac::bench
