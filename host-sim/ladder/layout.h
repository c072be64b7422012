// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "host-sim/ladder/plan.h"

// Where everything is, in whole pixels: the same on every machine.

namespace bivouac::sim::ladder {

inline constexpr int time_column_width = 78;
inline constexpr int actor_box_width = 134;
inline constexpr int actor_box_height = 52;

struct Place {
  int begin = 0;  // y
  int end = 0;    // y; the same for what takes no time
};

struct TimeMark {
  int y = 0;
  std::string text;
  bool is_gap = false;  // nothing happens for a while
};

/// The background of the columns of one system.
struct Frame {
  std::uint32_t system = 0;
  int left = 0;
  int right = 0;
};

struct Layout {
  int width = 0;
  int height = 0;
  int actors_top = 0;
  int bottom = 0;                                // of the lifelines
  std::vector<int> columns;                      // x of each lifeline
  std::vector<Place> places;                     // of each item
  std::vector<std::vector<std::string>> labels;  // of each item, in lines
  std::vector<TimeMark> times;
  std::vector<Frame> frames;
};

Layout lay_out(const Plan& plan);

/// How wide this text is about, in the font size that labels have.
int label_width(const std::string& text);
int detail_width(const std::string& text);
inline constexpr int box_height(bool has_detail) { return has_detail ? 36 : 24; }

}  // namespace bivouac::sim::ladder
