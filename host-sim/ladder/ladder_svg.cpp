// SPDX-License-Identifier: Apache-2.0
#include "host-sim/ladder/ladder_svg.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "host-sim/ladder/layout.h"
#include "host-sim/ladder/plan.h"
#include "host-sim/ladder/svg_style.h"
#include "host-sim/ladder/svg_writer.h"

namespace bivouac::sim {
namespace ladder {
namespace {

using Kind = Item::Kind;
using Fate = TraceEvent::Fate;
using Lines = std::vector<std::string>;

/// An arrow that takes longer to arrive than this many pixels waits beside its reader.
constexpr int fall_max = 60;

class Drawing {
 public:
  Drawing(const Plan& plan, const Layout& layout) : plan_(plan), layout_(layout) {}

  std::string draw() {
    svg_.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + std::to_string(layout_.width) +
             "\" height=\"" + std::to_string(layout_.height) + "\" viewBox=\"0 0 " +
             std::to_string(layout_.width) + " " + std::to_string(layout_.height) + "\">\n<title>" +
             escaped(plan_.title) + "</title>\n");
    svg_.raw(svg_style);
    svg_.rectangle({0, 0}, layout_.width, layout_.height, "page");
    draw_titles();
    draw_frames();
    draw_bands();
    draw_lifelines();
    draw_pauses();
    draw_actors();
    for (const Kind kind : {Kind::box, Kind::flag, Kind::arrow}) draw_all(kind);
    for (const Kind kind :
         {Kind::band_begins, Kind::band_ends, Kind::break_mark, Kind::link, Kind::down, Kind::up}) {
      draw_all(kind);
    }
    draw_legend();
    svg_.raw("</svg>\n");
    return svg_.xml();
  }

 private:
  void draw_titles();
  void draw_frames();
  void draw_actors();
  void draw_lifelines();
  void draw_pauses();
  void draw_bands();
  void draw_all(Kind kind);
  void draw_item(const Item& item, const Place& place, const Lines& lines);
  void draw_arrow(const Item& item, const Place& place, const Lines& lines);
  void draw_arrow_texts(const Item& item, const Lines& lines, Point from, Point to);
  void draw_box(const Item& item, int y);
  void draw_flag(const Item& item, int y);
  void draw_tag(const Item& item, int y);
  void draw_jag(int left, int right, int y, const std::string& text);
  void draw_legend();
  void cross(Point at);

  int x(std::size_t column) const { return layout_.columns[column]; }
  std::uint32_t system_of(std::size_t column) const { return plan_.columns[column].actor.system; }

  const Plan& plan_;
  const Layout& layout_;
  SvgWriter svg_;
  std::set<std::string> used_;  // of the legend's signs
};

void Drawing::draw_titles() {
  if (!plan_.title.empty()) svg_.text({16, 28}, "title", plan_.title);
  svg_.text({16, plan_.title.empty() ? 28 : 48}, "subtitle", plan_.subtitle);
}

void Drawing::draw_frames() {
  for (const Frame& frame : layout_.frames) {
    const int top = layout_.actors_top - 24;
    svg_.rectangle({frame.left, top}, frame.right - frame.left, layout_.bottom - top + 8, "frame",
                   6);
    svg_.text({(frame.left + frame.right) / 2, top + 15}, "system",
              plan_.frame_titles[frame.system]);
  }
}

void Drawing::draw_actors() {
  for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
    const auto& lines = plan_.columns[i].title;
    svg_.rectangle({x(i) - actor_box_width / 2, layout_.actors_top}, actor_box_width,
                   actor_box_height, "box");
    int y =
        layout_.actors_top + actor_box_height / 2 + 4 - 8 * (static_cast<int>(lines.size()) - 1);
    for (const std::string& line : lines) {
      svg_.text({x(i), y}, "actor", line);
      y += 16;
    }
  }
}

/// Whole while the system is up, dotted while it is down.
void Drawing::draw_lifelines() {
  for (std::size_t column = 0; column < plan_.columns.size(); ++column) {
    const bool is_person = plan_.columns[column].actor.entity == Entity::administrator;
    int y = layout_.actors_top + actor_box_height;
    bool is_up = true;
    const auto go_to = [&](int next) {
      svg_.line({x(column), y}, {x(column), next}, is_up ? "life" : "dead");
      y = next;
    };
    for (std::size_t i = 0; i < plan_.items.size() && !is_person; ++i) {
      const Item& item = plan_.items[i];
      const bool is_turn = (item.kind == Kind::down || item.kind == Kind::up) &&
                           system_of(item.from) == system_of(column);
      if (!is_turn) continue;
      go_to(layout_.places[i].begin);
      is_up = item.kind == Kind::up;
      if (!is_up) used_.insert("down");
    }
    go_to(layout_.bottom);
  }
}

void Drawing::draw_pauses() {
  for (const TimeMark& mark : layout_.times) {
    svg_.text({time_column_width - 14, mark.y + 4}, "time", mark.text + (mark.is_gap ? " s" : ""));
    if (!mark.is_gap) continue;
    used_.insert("pause");
    for (const int column : layout_.columns) {
      svg_.rectangle({column - 3, mark.y - 4}, 6, 8, "pause");
      for (const int y : {mark.y - 4, mark.y + 4}) {
        svg_.line({column - 7, y + 3}, {column + 7, y - 3}, "pause-edge");
      }
    }
  }
  svg_.text({time_column_width - 14, layout_.actors_top + actor_box_height}, "time", "time, s");
}

/// From where nothing passes between two systems to where it passes again.
void Drawing::draw_bands() {
  std::map<std::pair<std::size_t, std::size_t>, int> open;
  const auto close = [&](const std::pair<std::size_t, std::size_t>& ends, int top, int bottom) {
    const auto [left, right] = std::minmax({x(ends.first), x(ends.second)});
    svg_.rectangle({left + 10, top}, right - left - 20, bottom - top, "hatch");
    used_.insert("band");
  };
  for (std::size_t i = 0; i < plan_.items.size(); ++i) {
    const Item& item = plan_.items[i];
    const std::pair ends{item.from, item.to};
    if (item.kind == Kind::band_begins) open.emplace(ends, layout_.places[i].begin);
    if (item.kind != Kind::band_ends || !open.contains(ends)) continue;
    close(ends, open.at(ends), layout_.places[i].begin);
    open.erase(ends);
  }
  for (const auto& [ends, top] : open) close(ends, top, layout_.bottom);
}

void Drawing::draw_all(Kind kind) {
  for (std::size_t i = 0; i < plan_.items.size(); ++i) {
    if (plan_.items[i].kind == kind)
      draw_item(plan_.items[i], layout_.places[i], layout_.labels[i]);
  }
}

void Drawing::draw_item(const Item& item, const Place& place, const Lines& lines) {
  const auto [left, right] = std::minmax({x(item.from), x(item.to)});
  switch (item.kind) {
    case Kind::arrow: return draw_arrow(item, place, lines);
    case Kind::box: return draw_box(item, place.begin);
    case Kind::flag: return draw_flag(item, place.begin);
    case Kind::band_begins:
    case Kind::band_ends:
    case Kind::break_mark: return draw_jag(left, right, place.begin, item.label);
    case Kind::link:
      svg_.path({{left + 4, place.begin}, {right - 4, place.begin}}, "relink", "head-link");
      svg_.path({{right - 4, place.begin}, {left + 4, place.begin}}, "relink", "head-link");
      return svg_.text({(left + right) / 2, place.begin - 5}, "detail", item.label);
    case Kind::down:
    case Kind::up: return draw_tag(item, place.begin);
  }
}

void Drawing::cross(Point at) {
  const auto [px, py] = at;
  svg_.line({px - 6, py - 6}, {px + 6, py + 6}, "cross");
  svg_.line({px - 6, py + 6}, {px + 6, py - 6}, "cross");
  used_.insert("lost");
}

void Drawing::draw_arrow(const Item& item, const Place& place, const Lines& lines) {
  const bool between = system_of(item.from) != system_of(item.to);
  const std::string look = between ? "between" : "within";
  const int from = x(item.from);
  const int to = x(item.to);
  const int toward = to > from ? 1 : -1;
  const int fall = place.end - place.begin;
  if (item.fate == Fate::done && fall > fall_max) {
    const int beside = to - 12 * toward;
    const int bend = place.begin + 18;
    svg_.path({{from, place.begin}, {beside, bend}}, look);
    svg_.path({{beside, bend}, {beside, place.end - 4}}, "wait");
    svg_.path({{beside, place.end - 4}, {to, place.end}}, look, "head-" + look);
    return draw_arrow_texts(item, lines, {from, place.begin}, {beside, bend});
  }
  if (item.fate == Fate::done) {
    svg_.path({{from, place.begin}, {to, place.end}}, look, "head-" + look);
    return draw_arrow_texts(item, lines, {from, place.begin}, {to, place.end});
  }
  // It does not get there.
  const int run = (to - from) * 4 / 5;
  const Point tip{from + run, place.begin + std::min(fall, fall_max) * 4 / 5};
  svg_.path({{from, place.begin}, tip}, look);
  draw_arrow_texts(item, lines, {from, place.begin}, tip);
  if (item.fate == Fate::lost) return cross(tip);
  svg_.text({tip.first + 24 * toward, tip.second + 4}, "detail", "under way");
}

void Drawing::draw_arrow_texts(const Item& item, const Lines& lines, Point from, Point to) {
  if (to.first < from.first) std::swap(from, to);
  const int run = std::max(1, to.first - from.first);
  const int fall = to.second - from.second;
  const Point middle{(from.first + to.first) / 2, (from.second + to.second) / 2};
  int y = middle.second - 5 - 14 * (static_cast<int>(lines.size()) - 1);
  for (const std::string& line : lines) {
    svg_.text_along({middle.first, y}, fall, run, "label", line);
    y += 14;
  }
  if (item.detail.empty()) return;
  svg_.text_along({middle.first, middle.second + 13}, fall, run, "detail", item.detail);
}

void Drawing::draw_box(const Item& item, int y) {
  const bool undone = item.fate == Fate::lost;
  const int width = std::max(label_width(item.label), detail_width(item.detail)) + 20;
  const int height = box_height(!item.detail.empty());
  svg_.rectangle({x(item.from) - width / 2, y - height / 2}, width, height,
                 undone ? "undone" : "box");
  svg_.text({x(item.from), item.detail.empty() ? y + 4 : y - 2}, "boxed", item.label);
  if (!item.detail.empty()) svg_.text({x(item.from), y + 12}, "small", item.detail);
  if (undone) used_.insert("undone");
}

/// Beside the lifeline, on the side where there is room.
void Drawing::draw_flag(const Item& item, int y) {
  const int width = std::max(label_width(item.label), detail_width(item.detail)) + 16;
  const int height = box_height(!item.detail.empty());
  const bool to_right = x(item.from) + 8 + width < layout_.width;
  const int left = to_right ? x(item.from) + 8 : x(item.from) - 8 - width;
  svg_.rectangle({left, y - height / 2}, width, height, "flag", 4);
  svg_.line({x(item.from), y}, {to_right ? left : left + width, y}, "life");
  svg_.text({left + width / 2, item.detail.empty() ? y + 4 : y - 2}, "boxed", item.label);
  if (!item.detail.empty()) svg_.text({left + width / 2, y + 12}, "small", item.detail);
}

/// A system goes down or comes back: over all its lifelines.
void Drawing::draw_tag(const Item& item, int y) {
  const bool is_down = item.kind == Kind::down;
  const int width = label_width(item.label) + 20;
  for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
    const bool is_hit = system_of(i) == system_of(item.from) &&
                        plan_.columns[i].actor.entity != Entity::administrator;
    if (is_hit && is_down) cross({x(i), y});
    if (is_hit && !is_down) svg_.line({x(i) - 6, y}, {x(i) + 6, y}, "pause-edge");
  }
  svg_.rectangle({x(item.from) - width / 2, y - 10}, width, 20, is_down ? "tag" : "tag-up", 10);
  svg_.text({x(item.from), y + 4}, is_down ? "inverse" : "boxed", item.label);
}

void Drawing::draw_jag(int left, int right, int y, const std::string& text) {
  std::vector<Point> points;
  bool is_high = false;
  for (int px = left + 10; px < right - 10; px += 8) {
    points.emplace_back(px, is_high ? y - 4 : y + 4);
    is_high = !is_high;
  }
  points.emplace_back(right - 10, y);
  svg_.path(points, "jag");
  svg_.text({(left + right) / 2, y - 8}, "fault", text);
}

void Drawing::draw_legend() {
  int px = 16;
  const int y = layout_.bottom + 34;
  const auto word = [&](int sign_width, std::string_view text) {
    svg_.text({px + sign_width + 6, y + 4}, "key", text);
    px += sign_width + 6 + detail_width(std::string(text)) + 22;
  };
  // Kept, as drawing the cross of the legend would add to it.
  const std::set<std::string> used = used_;
  if (used.contains("lost") || used.contains("down")) {
    cross({px + 6, y});
    word(12, used.contains("lost") && used.contains("down") ? "lost, or down" : "lost");
  }
  if (used.contains("band")) {
    svg_.rectangle({px, y - 7}, 26, 14, "hatch");
    word(26, "nothing passes");
  }
  if (used.contains("down")) {
    svg_.line({px, y}, {px + 26, y}, "dead");
    word(26, "down");
  }
  if (used.contains("undone")) {
    svg_.rectangle({px, y - 7}, 26, 14, "undone");
    word(26, "was not durable: undone");
  }
  if (used.contains("pause")) {
    svg_.line({px, y + 1}, {px + 12, y - 5}, "pause-edge");
    svg_.line({px, y + 8}, {px + 12, y + 2}, "pause-edge");
    word(12, "time passes");
  }
  if (!plan_.left_out.empty()) svg_.text({16, y + 20}, "key", plan_.left_out);
}

}  // namespace
}  // namespace ladder

std::string ladder_svg(const Trace& trace, const LadderOptions& options) {
  const ladder::Plan plan = ladder::plan(trace, options);
  const ladder::Layout layout = ladder::lay_out(plan);
  return ladder::Drawing(plan, layout).draw();
}

}  // namespace bivouac::sim
