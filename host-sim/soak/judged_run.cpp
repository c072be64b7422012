// SPDX-License-Identifier: Apache-2.0
#include "host-sim/soak/judged_run.h"

#include <memory>

#include "host-sim/checkers/checkers.h"
#include "host-sim/soak/guarded.h"

namespace bivouac::sim {
namespace {

void run_checked(const Scenario& scenario, const RunOptions& options, bool with_expectations,
                 Verdict& verdict) {
  std::unique_ptr<Checkers> checkers;
  RunOptions checked = options;
  checked.at_beginning = [&](World& world) {
    checkers = std::make_unique<Checkers>(world);
    if (options.at_beginning) options.at_beginning(world);
  };
  checked.at_end = [&](World& world) {
    checkers->at_rest();
    verdict.events = world.events();
    if (options.at_end) options.at_end(world);
  };
  const Run result = run(scenario, checked);
  verdict.ended = result.ended;
  verdict.violations = checkers->violations();
  if (!with_expectations) return;
  verdict.violations.insert(verdict.violations.end(), result.failures.begin(),
                            result.failures.end());
}

}  // namespace

Verdict judged_run(const Scenario& scenario, const RunOptions& options, bool with_expectations) {
  Verdict verdict;
  const std::string broken =
      guarded([&] { run_checked(scenario, options, with_expectations, verdict); });
  if (!broken.empty()) verdict.violations.push_back(broken);
  return verdict;
}

}  // namespace bivouac::sim
