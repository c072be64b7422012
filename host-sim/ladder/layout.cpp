// SPDX-License-Identifier: Apache-2.0
#include "host-sim/ladder/layout.h"

#include <algorithm>
#include <tuple>

namespace bivouac::sim::ladder {
namespace {

constexpr int width_max = 1100;
constexpr int frame_margin = 12;
constexpr int gap_min = actor_box_width + 10;
constexpr int gap_between_systems_min = actor_box_width + 2 * frame_margin + 14;
constexpr int title_height = 62;
constexpr int legend_height = 64;
constexpr int pause_height = 30;

std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

// ---- columns

/// How far apart two neighbours must be at least, and how far they would like to be.
struct Gap {
  int least = 0;
  int wanted = 0;
};

bool changes_system(const Plan& plan, std::size_t column) {
  return plan.columns[column].actor.system != plan.columns[column + 1].actor.system;
}

int arrow_width(const Item& item) {
  return std::max(label_width(item.label), detail_width(item.detail)) + 26;
}

std::vector<Gap> gaps_of(const Plan& plan) {
  std::vector<Gap> gaps(plan.columns.empty() ? 0 : plan.columns.size() - 1);
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    gaps[i].least = gaps[i].wanted = changes_system(plan, i) ? gap_between_systems_min : gap_min;
  }
  for (const Item& item : plan.items) {
    if (item.kind != Item::Kind::arrow) continue;
    const auto [left, right] = std::minmax(item.from, item.to);
    if (right - left == 1) gaps[left].wanted = std::max(gaps[left].wanted, arrow_width(item));
  }
  // Longer arrows take what room is there; the rest comes where systems meet, or at the left.
  for (const Item& item : plan.items) {
    if (item.kind != Item::Kind::arrow) continue;
    const auto [left, right] = std::minmax(item.from, item.to);
    if (right - left < 2) continue;
    int room = 0;
    for (std::size_t i = left; i < right; ++i) room += gaps[i].wanted;
    gaps[left].wanted += std::max(0, arrow_width(item) - room);
  }
  return gaps;
}

/// The half of the widest box on this lifeline, or of its actor's.
int half_width(const Plan& plan, std::size_t column) {
  int width = actor_box_width;
  for (const Item& item : plan.items) {
    if (item.kind != Item::Kind::box || item.from != column) continue;
    width = std::max({width, label_width(item.label) + 20, detail_width(item.detail) + 20});
  }
  return width / 2;
}

void place_columns(const Plan& plan, Layout& layout) {
  if (plan.columns.empty()) {
    layout.width = 480;
    return;
  }
  const std::vector<Gap> gaps = gaps_of(plan);
  const int left = time_column_width + half_width(plan, 0) + frame_margin;
  const int right = half_width(plan, plan.columns.size() - 1) + frame_margin + 14;
  int wanted = 0;
  int least = 0;
  for (const Gap& gap : gaps) {
    wanted += gap.wanted;
    least += gap.least;
  }
  // When there is not enough room for all wishes, each gap gets the same share of its own.
  const int room = std::max(0, width_max - left - right - least);
  const int wishes = wanted - least;
  int x = left;
  layout.columns.push_back(x);
  for (const Gap& gap : gaps) {
    const int wish = gap.wanted - gap.least;
    x += gap.least + (wishes <= room ? wish : wish * room / wishes);
    layout.columns.push_back(x);
  }
  layout.width = std::max(x + right, 640);
}

void place_frames(const Plan& plan, Layout& layout) {
  const int half = actor_box_width / 2 + frame_margin;
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    const std::uint32_t system = plan.columns[i].actor.system;
    if (layout.frames.empty() || layout.frames.back().system != system) {
      layout.frames.push_back({system, layout.columns[i] - half, 0});
    }
    layout.frames.back().right = layout.columns[i] + half;
  }
}

// ---- time

struct Anchor {
  MonoMs at;
  int rank = 0;  // at the same time, what lets through comes before what ends, and that before
                 // what begins
  bool is_begin = true;
  std::size_t item = 0;
};

std::vector<Anchor> anchors_of(const Plan& plan) {
  std::vector<Anchor> anchors;
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    const Item& item = plan.items[i];
    anchors.push_back({item.at, item.kind == Item::Kind::band_ends ? 0 : 2, true, i});
    const bool ends_later = !item.is_instant() && item.fate != TraceEvent::Fate::under_way;
    if (ends_later) anchors.push_back({item.ended, 1, false, i});
  }
  std::ranges::stable_sort(anchors, {}, [](const Anchor& anchor) {
    return std::tuple{anchor.at, anchor.rank, anchor.item};
  });
  return anchors;
}

/// A label that is longer than its arrow has two lines.
std::vector<std::string> lines_of(const Item& item, const Layout& layout) {
  const auto [left, right] = std::minmax(layout.columns[item.from], layout.columns[item.to]);
  const bool fits = item.kind != Item::Kind::arrow || label_width(item.label) < right - left - 8;
  const std::size_t middle = item.label.rfind(' ', item.label.size() * 3 / 5);
  if (fits || middle == std::string::npos) return {item.label};
  return {item.label.substr(0, middle), item.label.substr(middle + 1)};
}

/// Room above the line of an item, and below it.
struct Room {
  int above = 0;
  int below = 0;
};

constexpr int line_height = 14;

Room room_of(const Item& item, std::size_t label_lines) {
  const int more = static_cast<int>(label_lines - 1) * line_height;
  const bool has_detail = !item.detail.empty();
  switch (item.kind) {
    case Item::Kind::arrow: return {24 + more, has_detail ? 16 : 6};
    case Item::Kind::box:
    case Item::Kind::flag: {
      const int half = box_height(has_detail) / 2;
      return {half + 8, half + 2};
    }
    case Item::Kind::band_begins:
    case Item::Kind::band_ends:
    case Item::Kind::break_mark:
    case Item::Kind::link:
    case Item::Kind::down:
    case Item::Kind::up: return {24, 12};
  }
  return {};
}

int slope(DurationMs duration) {
  return 12 + static_cast<int>(std::min<std::int64_t>(24, duration.ms / 5));
}

/// Goes down the diagram.
class Descent {
 public:
  Descent(const Plan& plan, Layout& layout, int top) : plan_(plan), layout_(layout), y_(top) {
    layout_.places.resize(plan.items.size());
    lifelines_.resize(plan.columns.size());
    for (const Item& item : plan.items) layout.labels.push_back(lines_of(item, layout));
  }

  void pass(const Anchor& anchor) {
    const bool pauses = is_begun_ && anchor.at > last_ + pause_max;
    if (pauses) {
      layout_.times.push_back(
          {y_ + pause_height / 2 + 2, "+ " + seconds({(anchor.at - last_).ms}), true});
      y_ += pause_height;
      after_pause_ = y_;
    }
    is_begun_ = true;
    last_ = anchor.at;
    const Item& item = plan_.items[anchor.item];
    Place& place = layout_.places[anchor.item];
    const Room room = room_of(item, layout_.labels[anchor.item].size());
    if (anchor.is_begin) {
      place.begin = place.end = y_ + room.above;
      if (item.fate == TraceEvent::Fate::under_way && item.kind == Item::Kind::arrow) {
        place.end += slope({0});
      }
      mark_time(anchor.at, place.begin);
    } else {
      place.end = std::max(place.begin + slope(item.ended - item.at), earliest_end(item));
      mark_time(anchor.at, place.end);
    }
    y_ = std::max(y_, place.end + room.below);
    const bool is_on_both = item.is_instant() || !anchor.is_begin;
    lifelines_[item.from] = {anchor.at, anchor.is_begin ? place.begin : place.end};
    if (is_on_both) lifelines_[item.to] = lifelines_[item.from];
  }
  int y() const { return y_; }

 private:
  /// Below what happened on its lifelines meanwhile.
  int earliest_end(const Item& item) const {
    int y = after_pause_;
    for (const std::size_t column : {item.from, item.to}) {
      const bool is_later = lifelines_[column].at > item.at;
      if (is_later) y = std::max(y, lifelines_[column].y);
    }
    return y + 10;
  }

  /// A time has its place, or none.
  void mark_time(MonoMs time, int y) {
    const std::string text = seconds(time);
    if (text == last_text_ || y < last_mark_ + 11) return;
    last_text_ = text;
    last_mark_ = y;
    layout_.times.push_back({y, text, false});
  }

  struct Mark {
    MonoMs at;
    int y = 0;
  };

  const Plan& plan_;
  Layout& layout_;
  int y_;
  int after_pause_ = 0;
  std::vector<Mark> lifelines_;  // the last thing on each
  int last_mark_ = 0;
  bool is_begun_ = false;
  MonoMs last_;
  std::string last_text_;
};

}  // namespace

int label_width(const std::string& text) { return static_cast<int>(letters(text)) * 62 / 10; }
int detail_width(const std::string& text) { return static_cast<int>(letters(text)) * 56 / 10; }

Layout lay_out(const Plan& plan) {
  Layout layout;
  place_columns(plan, layout);
  place_frames(plan, layout);
  layout.actors_top = title_height + 28;
  Descent descent(plan, layout, layout.actors_top + actor_box_height + 10);
  for (const Anchor& anchor : anchors_of(plan)) descent.pass(anchor);
  layout.bottom = descent.y() + 16;
  layout.height = layout.bottom + legend_height;
  return layout;
}

}  // namespace bivouac::sim::ladder
