// SPDX-License-Identifier: Apache-2.0
#include "host-sim/ladder/ladder_text.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host-sim/ladder/plan.h"

namespace bivouac::sim {
namespace ladder {
namespace {

using Kind = Item::Kind;
using Fate = TraceEvent::Fate;

constexpr std::size_t width_max = 120;
constexpr std::size_t first_column = 18;  // behind the times, and half of an actor's title
constexpr std::size_t last_margin = 8;
constexpr std::size_t gap_wanted_min = 18;
constexpr std::size_t gap_min = 9;

/// The characters of a UTF-8 text.
std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> result;
  for (const char byte : text) {
    const bool goes_on = (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
    if (goes_on && !result.empty()) {
      result.back() += byte;
    } else {
      result.emplace_back(1, byte);
    }
  }
  return result;
}

std::vector<std::string> wrapped(const std::vector<std::string>& lines, std::size_t width) {
  std::vector<std::string> result;
  for (const std::string& line : lines) {
    std::string rest = line;
    while (rest.size() > width) {
      const std::size_t space = rest.rfind(' ', width);
      if (space == std::string::npos) break;
      result.push_back(rest.substr(0, space));
      rest.erase(0, space + 1);
    }
    result.push_back(rest.substr(0, width));
  }
  return result;
}

/// One line of the terminal.
class Row {
 public:
  Row() : cells_(width_max, " ") {}
  void put(std::size_t at, const std::string& text) {
    for (const std::string& one : characters(text)) {
      if (at >= cells_.size()) return;
      cells_[at++] = one;
    }
  }
  void fill(std::size_t begin, std::size_t end, const std::string& one) {
    for (std::size_t i = begin; i < end && i < cells_.size(); ++i) cells_[i] = one;
  }
  /// In the middle of this place, moved to where it has room.
  void put_centred(std::size_t middle, const std::string& text, std::size_t at_least) {
    const std::size_t size = characters(text).size();
    std::size_t begin = middle > size / 2 ? middle - size / 2 : 0;
    if (begin + size > width_max) begin = width_max > size ? width_max - size : 0;
    put(std::max(begin, at_least), text);
  }
  std::string text() const {
    std::string line;
    for (const std::string& one : cells_) line += one;
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }

 private:
  std::vector<std::string> cells_;
};

std::vector<std::size_t> place_columns(const Plan& plan) {
  std::vector<std::size_t> places;
  if (plan.columns.empty()) return places;
  const std::size_t gaps = plan.columns.size() - 1;
  const std::size_t room = width_max - first_column - last_margin;
  std::vector<std::size_t> wanted(gaps, gap_wanted_min);
  for (const Item& item : plan.items) {
    const auto [left, right] = std::minmax(item.from, item.to);
    if (item.kind != Kind::arrow || right - left != 1) continue;
    wanted[left] = std::max(wanted[left], item.label.size() + 7);
  }
  const std::size_t least = gaps == 0 ? 0 : std::clamp(room / gaps, gap_min, gap_wanted_min);
  std::size_t wishes = 0;
  for (const std::size_t gap : wanted) wishes += gap - least;
  const std::size_t spare = room > least * gaps ? room - least * gaps : 0;
  places.push_back(first_column);
  for (const std::size_t gap : wanted) {
    const std::size_t wish = gap - least;
    places.push_back(places.back() + least + (wishes <= spare ? wish : wish * spare / wishes));
  }
  return places;
}

class TextDrawing {
 public:
  explicit TextDrawing(const Plan& plan) : plan_(plan), columns_(place_columns(plan)) {}

  std::string draw() {
    if (!plan_.title.empty()) text_ += plan_.title + "\n";
    if (!plan_.subtitle.empty()) text_ += plan_.subtitle + "\n";
    text_ += "\n";
    draw_actors();
    MonoMs last{};
    bool is_first = true;
    for (const Item& item : plan_.items) {
      const bool pauses = !is_first && item.at > last + pause_max;
      if (pauses) draw_pause(item.at - last);
      is_first = false;
      last = std::max(item.at, item.is_instant() ? item.at : std::max(last, item.ended));
      draw_item(item);
    }
    if (!plan_.left_out.empty()) text_ += "\n" + plan_.left_out + "\n";
    return text_;
  }

 private:
  Row row(const std::string& time) const {
    Row row;
    row.put(9 - std::min<std::size_t>(9, time.size()), time);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      row.put(columns_[i], down_.contains(plan_.columns[i].actor.system) &&
                                   plan_.columns[i].actor.entity != Entity::administrator
                               ? "\u2506"
                               : "\u2502");
    }
    return row;
  }
  std::string time_of(MonoMs time) {
    const std::string text = seconds(time);
    return std::exchange(last_time_, text) == text ? "" : text;
  }
  void put(const Row& row) { text_ += row.text(); }
  void draw_actors();
  void draw_pause(DurationMs pause);
  void draw_item(const Item& item);
  void draw_arrow(const Item& item);
  void draw_beside(const Item& item);
  void draw_between(const Item& item, const std::string& stroke);
  void draw_turn(const Item& item);

  const Plan& plan_;
  std::vector<std::size_t> columns_;
  std::set<std::uint32_t> down_;
  std::string last_time_;
  std::string text_;
};

void TextDrawing::draw_actors() {
  std::size_t width = gap_wanted_min;
  for (std::size_t i = 1; i < columns_.size(); ++i) {
    width = std::min(width, columns_[i] - columns_[i - 1]);
  }
  std::vector<std::vector<std::string>> titles;
  std::size_t height = 0;
  for (const Column& column : plan_.columns) {
    std::vector<std::string> lines = wrapped(column.title, width - 1);
    lines.insert(lines.begin(), plan_.system_names[column.actor.system]);
    lines.front() = lines.front().substr(0, width - 1);
    titles.push_back(std::move(lines));
    height = std::max(height, titles.back().size());
  }
  for (std::size_t line = 0; line < height; ++line) {
    Row row;
    for (std::size_t i = 0; i < titles.size(); ++i) {
      if (line < titles[i].size()) row.put_centred(columns_[i], titles[i][line], 0);
    }
    put(row);
  }
  put(row("time, s"));
}

void TextDrawing::draw_pause(DurationMs pause) {
  Row gap = row("+" + seconds({pause.ms}));
  for (const std::size_t column : columns_) gap.put(column, "/");
  put(gap);
}

void TextDrawing::draw_item(const Item& item) {
  switch (item.kind) {
    case Kind::arrow: return draw_arrow(item);
    case Kind::box:
    case Kind::flag: return draw_beside(item);
    case Kind::band_begins:
    case Kind::band_ends:
    case Kind::break_mark: return draw_between(item, "~");
    case Kind::link: return draw_between(item, "\u00b7");
    case Kind::down:
    case Kind::up: return draw_turn(item);
  }
}

void TextDrawing::draw_arrow(const Item& item) {
  const auto [left, right] = std::minmax(columns_[item.from], columns_[item.to]);
  const bool to_right = item.to > item.from;
  const std::string label = " " + item.label + " ";
  const bool fits = characters(label).size() + 4 < right - left;
  if (!fits) {
    Row above = row("");
    above.put_centred((left + right) / 2, item.label, first_column - 8);
    put(above);
  }
  Row line = row(time_of(item.at));
  line.fill(left + 1, right, "\u2500");
  if (fits) line.put_centred((left + right) / 2, label, 0);
  const std::string point = to_right ? ">" : "<";
  const std::string tip = item.fate == Fate::done   ? point
                          : item.fate == Fate::lost ? "\u00d7"
                                                    : "?";
  line.put(to_right ? right - 1 : left + 1, tip);
  put(line);
  const bool has_ended = !item.is_instant() && item.fate != Fate::under_way;
  const std::string lost = item.fate == Fate::lost ? "lost" : "";
  const std::string detail = item.detail + (item.detail.empty() || lost.empty() ? "" : ", ") + lost;
  if (!has_ended && detail.empty()) return;
  Row below = row(has_ended ? time_of(item.ended) : "");
  below.put_centred((left + right) / 2, detail.empty() ? "" : " " + detail + " ", first_column - 8);
  put(below);
}

void TextDrawing::draw_beside(const Item& item) {
  const std::string text = item.label + (item.detail.empty() ? "" : ": " + item.detail);
  Row line = row(time_of(item.at));
  line.put_centred(columns_[item.from], item.kind == Kind::box ? "[" + text + "]" : "! " + text,
                   first_column - 8);
  put(line);
}

void TextDrawing::draw_between(const Item& item, const std::string& stroke) {
  const auto [left, right] = std::minmax(columns_[item.from], columns_[item.to]);
  Row line = row(time_of(item.at));
  line.fill(left + 1, right, stroke);
  line.put_centred((left + right) / 2, " " + item.label + " ", 0);
  put(line);
}

void TextDrawing::draw_turn(const Item& item) {
  const std::uint32_t system = plan_.columns[item.from].actor.system;
  Row line = row(time_of(item.at));
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const bool is_hit = plan_.columns[i].actor.system == system &&
                        plan_.columns[i].actor.entity != Entity::administrator;
    if (is_hit) line.put(columns_[i], item.kind == Kind::down ? "\u00d7" : "o");
  }
  line.put_centred(columns_[item.from], "( " + item.label + " )", first_column - 8);
  put(line);
  if (item.kind == Kind::down) {
    down_.insert(system);
  } else {
    down_.erase(system);
  }
}

}  // namespace
}  // namespace ladder

std::string ladder_text(const Trace& trace, const LadderOptions& options) {
  const ladder::Plan plan = ladder::plan(trace, options);
  return ladder::TextDrawing(plan).draw();
}

}  // namespace bivouac::sim
