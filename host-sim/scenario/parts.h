// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host-sim/scenario/scenario.h"

namespace bivouac::sim {

struct WordReader {
  std::span<const std::string> words;
  std::size_t at = 0;
  /// Empty at the end of the line.
  std::string_view peek() const { return at < words.size() ? words[at] : std::string_view(); }
  std::string_view take() {
    const std::string_view word = peek();
    if (at < words.size()) ++at;
    return word;
  }
};

/// What a word in capitals in a pattern stands for.
struct Part {
  std::string_view name;
  std::string_view description;
  /// False leaves the reader at the word that was not understood.
  bool (*read)(WordReader& reader, Statement& statement);
  std::string (*write)(const Statement& statement);
  bool (*is_given)(const Statement& statement);
  /// Words that may have been meant.
  std::vector<std::string_view> (*known)();
};

/// Null for a word that means itself.
const Part* find_part(std::string_view name);

}  // namespace bivouac::sim
