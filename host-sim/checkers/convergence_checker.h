// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "core/base/group_configuration.h"
#include "core/engine/configuration.h"
#include "host-sim/checkers/checker.h"
#include "host-sim/checkers/records.h"

namespace bivouac::sim {

/// After healing, every cached configuration equals what its home would give that partner, overlaid
/// by local policy; whoever should have a group has it, and nobody else.
class ConvergenceChecker final : public Checker {
 public:
  using Checker::Checker;
  std::string_view name() const override { return "convergence"; }
  void on_fault(FaultKind kind, const System& a, const System* b) override;
  void at_rest() override;

 private:
  struct Share {  // one group, its home and one partner of it
    const System& home;
    const System& partner;
    const engine::Partner& rules;      // of the home, for the partner
    const engine::Partner& own_rules;  // of the partner, for the home
    const StoredGroup& group;
  };
  void judge_share(const Share& share);
  void judge_keys(const Share& share, const std::string& who);
  void judge_cached(const System& partner, const StoredGroup& cached);
  void judge_policies(const System& partner, const StoredGroup& cached);

  bool may_have_forgotten(const std::string& home, const std::string& partner) const;

  std::set<std::string> forgetful_;  // lost records: partners may hold what they know no more
  /// Who has had a configuration without whom: what is forgotten with a partner is not withdrawn.
  std::set<std::pair<std::string, std::string>> estranged_;
};

}  // namespace bivouac::sim
