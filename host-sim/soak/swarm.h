// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "host-sim/scenario/scenario.h"

namespace bivouac::sim {

/// What one seed draws: systems, rules, work, and a subset of the faults that there are. First
/// safety, with faults; then they end, and everything must converge.
struct Drawn {
  Scenario scenario;
  std::string options;         // what this seed drew, in one line
  std::uint64_t requests = 0;  // of operators
  std::uint64_t faults = 0;
  DurationMs active{};  // of the part with work and faults
};

/// The same seed gives the same scenario on every machine.
Drawn draw(std::uint64_t seed);

}  // namespace bivouac::sim
