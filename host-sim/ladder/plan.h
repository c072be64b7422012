// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "host-sim/ladder/ladder_options.h"
#include "host-sim/trace/trace.h"

// What a ladder diagram shows, before it is drawn: the same for SVG and terminal.

namespace bivouac::sim::ladder {

struct Column {
  Actor actor;
  bool stands_for_all = false;     // MC service servers of the system, in one column
  std::vector<std::string> title;  // lines
};

/// A pause that is longer is drawn as a gap.
inline constexpr DurationMs pause_max{1000};

struct Item {
  enum class Kind : std::uint8_t {
    arrow,
    box,          // on one lifeline
    flag,         // a remark beside one lifeline
    band_begins,  // between two systems: nothing passes, until it ends
    band_ends,
    break_mark,  // between two systems, at once over
    link,        // between two systems: it is there again
    down,
    up,
  };
  Kind kind = Kind::arrow;
  MonoMs at;
  MonoMs ended;
  TraceEvent::Fate fate = TraceEvent::Fate::done;
  std::size_t from = 0;  // column
  std::size_t to = 0;    // the same for what is on one lifeline
  std::string label;
  std::string detail;
  std::size_t count = 1;              // so many equal ones
  std::vector<std::string> services;  // whose servers share a column

  bool is_instant() const { return ended == at; }
};

struct Plan {
  std::string title;
  std::string subtitle;
  std::vector<std::string> system_names;  // by number
  std::vector<std::string> frame_titles;  // of what stands around its actors, likewise
  std::vector<Column> columns;
  std::vector<Item> items;
  std::string left_out;  // what is not shown, as a sentence
};

Plan plan(const Trace& trace, const LadderOptions& options);

}  // namespace bivouac::sim::ladder
