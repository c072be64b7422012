// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host-sim/scenario/scenario.h"

namespace bivouac::sim {

/// How far to look. Each is a bound of the scope; the others cut an exploration short.
struct ExploreOptions {
  std::uint64_t ticks_max = 0;    // times that it waits for a deadline; work due now is free
  std::uint64_t cuts_max = 1;     // connections that end, of any link at any moment
  std::uint64_t crashes_max = 1;  // power cuts of any system at any moment
  std::uint64_t states_max = 200'000;
  std::uint64_t depth_max = 1'000;
};

struct Explored {
  std::uint64_t states = 0;       // different ones
  std::uint64_t transitions = 0;  // choices taken
  std::uint64_t depth = 0;        // of the longest path
  std::uint64_t ends = 0;         // states from which the world was let come to rest
  bool exhaustive = false;        // no bound cut it short
  /// What was broken first, and the shortest way there as a scenario.
  std::string violation;
  std::optional<Scenario> trace;
};

/// Every order of deliveries, commits, deadlines, cuts and crashes of a small scenario, depth
/// first, by running the core again and again; states are recognised by hash. The steps of the
/// scenario before "count anew", or before its first request, are carried out one after the other;
/// what comes from there on comes at every moment, in its order. Each end is let come to rest; then
/// all checkers must hold, and without cuts and crashes what the scenario expects finally.
Explored explore(const Scenario& scenario, const ExploreOptions& options,
                 const std::function<void(const Explored&)>& progress);

}  // namespace bivouac::sim
