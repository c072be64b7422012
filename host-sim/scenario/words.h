// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

// The small change of the scenario language: words, times and names.

namespace bivouac::sim {

struct Split {
  std::vector<std::string> words;
  std::string problem;  // empty when there is none
};
/// Words apart by spaces; "..." keeps them together, \ keeps the next character; # begins a
/// comment.
Split split_words(std::string_view line);
/// The list "a,b,c"; "none" is empty.
std::vector<std::string> split_list(std::string_view text);
std::string join(std::span<const std::string> words, std::string_view between);
/// As split_words reads it back.
std::string in_quotes(std::string_view text);
std::string in_quotes_if_needed(std::string_view text);

/// "200ms", "5s", "10min", "2h", "400d"; "-5s".
std::optional<DurationMs> read_duration(std::string_view text);
std::string write_duration(DurationMs duration);
std::optional<std::uint64_t> read_number(std::string_view text);

/// "alpha" is sip:alpha.example; "ada@alpha" is sip:ada@alpha.example; "fire-*@alpha" is a pattern.
/// "*" and what has a scheme stay as they are.
std::string full_identity(std::string_view name);
/// The way back.
std::string short_identity(std::string_view identity);

}  // namespace bivouac::sim
