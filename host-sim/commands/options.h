// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "host-sim/commands/commands.h"

namespace bivouac::sim {

/// An option and what it sets: a flag, or the number or text behind it.
struct Option {
  std::string_view word;
  std::variant<bool*, std::uint64_t*, std::string*> value;
};

/// Takes the options out; `rest` are the other words. What is wrong, or nothing.
std::string read_options(Arguments arguments, std::span<const Option> options,
                         std::vector<std::string_view>& rest);

}  // namespace bivouac::sim
