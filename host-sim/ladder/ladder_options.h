// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace bivouac::sim {

struct LadderOptions {
  std::string title;           // above the diagram; may be empty
  bool show_links = false;     // Hello and Heartbeat too
  std::size_t rows_max = 150;  // of a longer trace only the beginning is drawn, and it says so
};

}  // namespace bivouac::sim
