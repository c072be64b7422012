// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/words.h"

#include <algorithm>
#include <charconv>

namespace bivouac::sim {
namespace {

constexpr std::string_view scheme = "sip:";
constexpr std::string_view domain = ".example";

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr Unit units[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1000}, {"ms", 1}};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

}  // namespace

Split split_words(std::string_view line) {
  Split split;
  std::size_t i = 0;
  while (true) {
    while (i < line.size() && is_space(line[i])) ++i;
    if (i == line.size() || line[i] == '#') return split;
    std::string word;
    bool quoted = false;
    for (; i < line.size() && (quoted || !is_space(line[i])); ++i) {
      if (line[i] == '"') {
        quoted = !quoted;
      } else {
        if (line[i] == '\\' && i + 1 < line.size()) ++i;
        word += line[i];
      }
    }
    if (quoted) split.problem = "a closing \" is missing";
    split.words.push_back(std::move(word));
  }
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> list;
  if (text == "none") return list;
  while (true) {
    const std::size_t comma = text.find(',');
    list.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return list;
    text.remove_prefix(comma + 1);
  }
}

std::string join(std::span<const std::string> words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    if (&word != &words.front()) text += between;
    text += word;
  }
  return text;
}

std::string in_quotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string in_quotes_if_needed(std::string_view text) {
  const bool needed = text.empty() || text.find_first_of(" \t\r\"\\#") != std::string_view::npos;
  return needed ? in_quotes(text) : std::string(text);
}

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::optional<DurationMs> read_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = read_number(text.substr(0, digits));
  const auto unit = std::ranges::find(units, text.substr(digits), &Unit::name);
  constexpr std::uint64_t number_max = 1'000'000'000;
  if (!number || *number > number_max || unit == std::end(units)) return std::nullopt;
  const std::int64_t ms = static_cast<std::int64_t>(*number) * unit->ms;
  return DurationMs{negative ? -ms : ms};
}

std::string write_duration(DurationMs duration) {
  for (const Unit& unit : units) {
    if (duration.ms % unit.ms != 0 || (duration.ms == 0 && unit.name != "s")) continue;
    return std::to_string(duration.ms / unit.ms) + std::string(unit.name);
  }
  return {};
}

std::string full_identity(std::string_view name) {
  if (name == "*" || name.find(':') != std::string_view::npos) return std::string(name);
  return std::string(scheme) + std::string(name) + std::string(domain);
}

std::string short_identity(std::string_view identity) {
  if (!identity.starts_with(scheme) || !identity.ends_with(domain)) return std::string(identity);
  const std::string_view name =
      identity.substr(scheme.size(), identity.size() - scheme.size() - domain.size());
  return std::string(full_identity(name) == identity ? name : identity);
}

}  // namespace bivouac::sim
