// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "host-sim/scenario/run.h"

namespace bivouac::sim {

struct Verdict {
  /// What the checkers say, and rules of our own that were broken; empty when all is well.
  std::vector<std::string> violations;
  MonoMs ended;
  std::uint64_t events = 0;
};

/// Runs a scenario under all checkers. A broken rule (BIVOUAC_ASSERT) is a violation like others;
/// what it leaves behind in memory is lost. Expectations of the scenario count as well when
/// `with_expectations` is set.
Verdict judged_run(const Scenario& scenario, const RunOptions& options, bool with_expectations);

}  // namespace bivouac::sim
