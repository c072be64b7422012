// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host-sim/scenario/scenario.h"

namespace bivouac::sim {

struct SoakOptions {
  std::int64_t seconds = 60;
  std::uint64_t from = 1;       // the first seed
  std::uint64_t seeds_max = 0;  // 0: no limit but the time
  unsigned jobs = 1;
};

struct SoakTotals {
  std::uint64_t seeds = 0;
  std::uint64_t requests = 0;
  std::uint64_t faults = 0;
  std::int64_t active_ms = 0;     // simulated, with work and faults
  std::int64_t simulated_ms = 0;  // with the time to converge
  std::int64_t elapsed_ms = 0;    // real
};

struct SoakFailure {
  std::uint64_t seed = 0;
  std::vector<std::string> violations;
};

struct SoakResult {
  SoakTotals totals;
  std::optional<SoakFailure> failure;  // of the lowest seed that failed
};

/// Runs seed after seed until the time is over or one fails. `progress` is called about once a
/// second, from one thread at a time.
SoakResult soak(const SoakOptions& options, const std::function<void(const SoakTotals&)>& progress);

/// What the checkers say of one seed.
std::vector<std::string> judge_seed(std::uint64_t seed);

/// The smallest scenario found that still breaks the same property.
Scenario shrink_seed(std::uint64_t seed, const std::string& violation, std::size_t tries_max);

}  // namespace bivouac::sim
