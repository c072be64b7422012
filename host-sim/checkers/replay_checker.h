// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/store/table.h"
#include "host-sim/checkers/checker.h"

namespace bivouac::sim {

/// A crash and restart at any commit leaves a state that could have been reached without the crash:
/// what is durable is the run of committed batches, whole and in order; and a system at rest knows
/// nothing that a restart would not find.
class ReplayChecker final : public Checker {
 public:
  using Checker::Checker;
  std::string_view name() const override { return "replay"; }
  void on_started(const System& system) override;
  void on_durable(const System& system, std::span<const store::Mutation> batch) override;
  void on_fault(FaultKind kind, const System& a, const System* b) override;
  void at_rest() override;

 private:
  std::map<std::string, store::Table> committed_;  // by system
};

}  // namespace bivouac::sim
