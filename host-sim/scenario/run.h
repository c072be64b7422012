// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host-sim/scenario/scenario.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {

struct RunOptions {
  std::uint64_t seed = 1;
  std::string file = "scenario";     // what failures name
  std::vector<Observer*> observers;  // of the whole run
  /// With one, what is expected on the way may fail to happen, operators whose system crashed ask
  /// again, and only what is expected finally counts.
  std::optional<CrashPlan> crash;
  /// The systems are there and not started; the end, before the world is gone.
  std::function<void(World&)> at_beginning;
  std::function<void(World&)> at_end;
};

struct Run {
  std::vector<std::string> failures;  // "file:line: ...", empty when every expectation held
  std::vector<std::pair<std::string, std::uint64_t>> commits;  // begun, by full system ID
  MonoMs ended;
};

/// The scenario must be one that parse found nothing wrong with.
Run run(const Scenario& scenario, const RunOptions& options);

}  // namespace bivouac::sim
