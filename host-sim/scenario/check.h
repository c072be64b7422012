// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "host-sim/scenario/scenario.h"

namespace bivouac::sim {

/// What is wrong with statements that were understood word by word: names that nobody declared,
/// settings that do not fit.
struct Problem {
  std::size_t line = 0;
  std::string text;
};
std::vector<Problem> check(const Scenario& scenario);

}  // namespace bivouac::sim
