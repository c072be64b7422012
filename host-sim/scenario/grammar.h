// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "host-sim/scenario/scenario.h"

namespace bivouac::sim {

/// The words of one verb. Capitals stand for what differs; the first pattern of a verb whose
/// parts are all given is the one that is printed.
struct Pattern {
  Verb verb;
  std::string_view words;
};
std::span<const Pattern> patterns();

struct Understood {
  Statement statement;
  std::string problem;  // what was expected; empty when there is none
};
/// One line without its comment.
Understood understand(std::span<const std::string> words);
std::string write(const Statement& statement);

}  // namespace bivouac::sim
