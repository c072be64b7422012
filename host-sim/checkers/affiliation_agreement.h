// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "host-sim/checkers/checker.h"
#include "host-sim/checkers/records.h"

namespace bivouac::sim {

/// In the end no affiliation stands that profile, group or rules forbid; the user's home, the
/// group's home, the group management server and the clients all say the same of each; and nothing
/// waits for a home that is in reach.
class AffiliationAgreement final : public Checker {
 public:
  using Checker::Checker;
  std::string_view name() const override { return "affiliation agreement"; }
  void on_fault(FaultKind kind, const System& a, const System* b) override;
  void at_rest() override;

 private:
  using Held = std::map<AffiliationPlace, StoredAffiliation>;

  void judge_system(const System& system);
  void judge_own_user(const System& system, const StoredAffiliation& one);
  void judge_partners_user(const System& system, const StoredAffiliation& one);
  void judge_record(const System& system);
  void judge_pair(const System& user_home, const System& group_home);
  void judge_client(const System& client);
  bool are_linked(const System& a, const std::string& b) const;

  std::map<std::string, Held> held_;
  std::set<std::string> forgetful_;  // lost records, which nobody has brought back
};

}  // namespace bivouac::sim
