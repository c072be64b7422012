// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/fields.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/base/nearest.h"
#include "firmware/config/quotes.h"

namespace bivouac::firmware {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr Unit duration_units[] = {{"ms", 1}, {"s", 1'000}, {"min", 60'000}, {"h", 3'600'000}};
constexpr Unit size_units[] = {
    {"B", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}};

std::optional<std::uint64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
  std::uint64_t count = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [rest, error] = std::from_chars(begin, end, count);
  if (error != std::errc{}) return std::nullopt;
  std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const Unit& known : units) {
    if (unit != known.name) continue;
    if (count > std::numeric_limits<std::uint64_t>::max() / known.factor) return std::nullopt;
    return count * known.factor;
  }
  return std::nullopt;
}

std::string got(const Value& value) {
  switch (value.kind) {
    case Value::Kind::text: return in_quotes(value.text);
    case Value::Kind::integer: return std::to_string(value.integer);
    case Value::Kind::boolean: return value.boolean ? "true" : "false";
    case Value::Kind::number:
    case Value::Kind::date:
    case Value::Kind::array:
    case Value::Kind::table: break;
  }
  return std::string(in_words(value.kind));
}

}  // namespace

Fields::Fields(const Value& table, std::string name, Problems& problems)
    : table_(table), name_(std::move(name)), problems_(problems) {}

const Value* Fields::find(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.push_back(key);
  const auto found = std::ranges::find(table_.entries, key, &Entry::key);
  return found == table_.entries.end() ? nullptr : &found->value;
}

bool Fields::has(std::string_view key) { return find(key) != nullptr; }

Position Fields::at(std::string_view key) {
  const Value* value = find(key);
  return value != nullptr ? value->at : table_.at;
}

const Value* Fields::find(std::string_view key, Value::Kind kind, std::string_view expected) {
  const Value* value = find(key);
  if (value == nullptr) return nullptr;
  if (value->kind == kind) return value;
  wrong(*value, key, expected);
  return nullptr;
}

bool Fields::text(std::string_view key, std::string& out) {
  const Value* value = find(key, Value::Kind::text, in_words(Value::Kind::text));
  if (value == nullptr) return false;
  out = value->text;
  return true;
}

bool Fields::boolean(std::string_view key, bool& out) {
  const Value* value = find(key, Value::Kind::boolean, in_words(Value::Kind::boolean));
  if (value == nullptr) return false;
  out = value->boolean;
  return true;
}

bool Fields::texts(std::string_view key, std::vector<std::string>& out,
                   std::vector<Position>& positions) {
  const Value* value = find(key, Value::Kind::array, "a list of texts in quotes");
  if (value == nullptr) return false;
  bool good = true;
  for (const Value& item : value->items) {
    if (item.kind != Value::Kind::text) {
      wrong(item, key, "only texts in quotes in this list");
      good = false;
      continue;
    }
    out.push_back(item.text);
    positions.push_back(item.at);
  }
  return good;
}

bool Fields::services(std::string_view key, Services& out) {
  std::vector<std::string> words;
  std::vector<Position> positions;
  if (!texts(key, words, positions)) return false;
  static constexpr std::string_view names[] = {"mcptt", "mcvideo", "mcdata"};
  Services services;
  bool good = true;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto found = std::ranges::find(names, std::string_view(words[i]));
    if (found == std::end(names)) {
      problems_.error(positions[i], "expected mcptt, mcvideo or mcdata in " + std::string(key) +
                                        ", got " + in_quotes(words[i]) +
                                        did_you_mean(words[i], names));
      good = false;
      continue;
    }
    services = services | Services::of(static_cast<Service>(found - std::begin(names)));
  }
  if (good) out = services;
  return good;
}

bool Fields::word(std::string_view key, std::span<const WordValue> words, std::uint8_t& out) {
  std::string text_value;
  if (!text(key, text_value)) return false;
  std::vector<std::string_view> names;
  std::string expected;
  for (const WordValue& candidate : words) {
    if (candidate.word == text_value) {
      out = candidate.value;
      return true;
    }
    names.push_back(candidate.word);
    if (!expected.empty()) expected += candidate.word == words.back().word ? " or " : ", ";
    expected += in_quotes(candidate.word);
  }
  problems_.error(at(key), "expected " + expected + " for " + std::string(key) + ", got " +
                               in_quotes(text_value) + did_you_mean(text_value, names));
  return false;
}

bool Fields::duration(std::string_view key, std::uint32_t& out) {
  constexpr std::string_view expected = "a duration such as \"30s\" (units ms, s, min, h)";
  const Value* value = find(key, Value::Kind::text, expected);
  if (value == nullptr) return false;
  const std::optional<std::uint64_t> ms = parse_duration(value->text);
  if (!ms || *ms > std::numeric_limits<std::uint32_t>::max()) {
    wrong(*value, key, ms ? std::string_view("a duration of at most 49 days") : expected);
    return false;
  }
  out = static_cast<std::uint32_t>(*ms);
  return true;
}

bool Fields::size(std::string_view key, std::uint64_t& out) {
  constexpr std::string_view expected = "a size such as \"16MiB\" (units B, KiB, MiB, GiB)";
  const Value* value = find(key, Value::Kind::text, expected);
  if (value == nullptr) return false;
  const std::optional<std::uint64_t> bytes = parse_size(value->text);
  if (!bytes) {
    wrong(*value, key, expected);
    return false;
  }
  out = *bytes;
  return true;
}

bool Fields::whole_number(std::string_view key, std::uint64_t& out, std::uint64_t max) {
  const std::string expected = "an integer from 0 to " + std::to_string(max);
  const Value* value = find(key, Value::Kind::integer, expected);
  if (value == nullptr) return false;
  if (value->integer < 0 || static_cast<std::uint64_t>(value->integer) > max) {
    wrong(*value, key, expected);
    return false;
  }
  out = static_cast<std::uint64_t>(value->integer);
  return true;
}

const Value* Fields::table(std::string_view key) {
  return find(key, Value::Kind::table, in_words(Value::Kind::table));
}

std::span<const Value> Fields::tables(std::string_view key) {
  const std::string expected = "sections headed [[" + std::string(key) + "]]";
  const Value* value = find(key, Value::Kind::array, expected);
  if (value == nullptr) return {};
  for (const Value& item : value->items) {
    if (item.kind == Value::Kind::table) continue;
    wrong(item, key, expected);
    return {};
  }
  return value->items;
}

void Fields::missing(std::string_view key, std::string_view expected) {
  problems_.error(table_.at, name_ + " lacks the key " + std::string(key) + ": expected " +
                                 std::string(expected));
}

void Fields::wrong(const Value& value, std::string_view key, std::string_view expected) {
  problems_.error(value.at, "expected " + std::string(expected) + " for " + std::string(key) +
                                ", got " + got(value));
}

void Fields::finish() {
  for (const Entry& entry : table_.entries) {
    if (std::ranges::find(known_, entry.key) != known_.end()) continue;
    std::string expected;
    for (const std::string_view key : known_) {
      if (!expected.empty()) expected += ", ";
      expected += key;
    }
    const std::string meant = did_you_mean(entry.key, known_);
    problems_.error(entry.at, "unknown key " + entry.key + " in " + name_ +
                                  (meant.empty() ? ": expected one of " + expected : meant));
  }
}

std::optional<std::uint64_t> parse_duration(std::string_view text) {
  return parse_with_unit(text, duration_units);
}

std::string write_duration(std::uint64_t ms) {
  const Unit* best = &duration_units[0];
  for (const Unit& unit : duration_units) {
    if (ms != 0 && ms % unit.factor == 0) best = &unit;
  }
  return std::to_string(ms / best->factor) + std::string(best->name);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_with_unit(text, size_units);
}

}  // namespace bivouac::firmware
