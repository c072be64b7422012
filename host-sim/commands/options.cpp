// SPDX-License-Identifier: Apache-2.0
#include "host-sim/commands/options.h"

#include <algorithm>

#include "core/base/nearest.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {

std::string read_options(Arguments arguments, std::span<const Option> options,
                         std::vector<std::string_view>& rest) {
  std::vector<std::string_view> known;
  for (const Option& option : options) known.push_back(option.word);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    const auto option = std::ranges::find(options, word, &Option::word);
    if (!word.starts_with("--")) {
      rest.push_back(word);
      continue;
    }
    if (option == options.end()) {
      return "unknown option '" + std::string(word) + "'" + did_you_mean(word, known);
    }
    if (const auto* flag = std::get_if<bool*>(&option->value)) {
      **flag = true;
      continue;
    }
    if (++i == arguments.size()) return "a value is missing after " + std::string(word);
    if (const auto* text = std::get_if<std::string*>(&option->value)) {
      **text = arguments[i];
      continue;
    }
    const auto number = read_number(arguments[i]);
    if (!number) {
      return std::string(word) + ": expected a number, found '" + std::string(arguments[i]) + "'";
    }
    *std::get<std::uint64_t*>(option->value) = *number;
  }
  return {};
}

}  // namespace bivouac::sim
