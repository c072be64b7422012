// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "host-sim/scenario/ledger.h"
#include "host-sim/scenario/operators.h"
#include "host-sim/scenario/scenario.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {

/// Compares what is expected with what is. Looks only.
class Judge {
 public:
  Judge(World& world, const Ledger& ledger, const ScenarioOperators& operators)
      : world_(world), ledger_(ledger), operators_(operators) {}

  /// What was found instead; empty when it is as expected.
  std::string found_instead(const Statement& expected) const;

 private:
  struct Question {
    Verb verb;
    std::string (Judge::*found_instead)(const Statement&) const;
  };
  static const Question questions[];

  std::string group(const Statement& expected) const;
  std::string keys(const Statement& expected) const;
  std::string absent(const Statement& expected) const;
  std::string subscriber(const Statement& expected) const;
  std::string answer(const Statement& expected) const;
  std::string number(const Statement& expected) const;
  std::string link(const Statement& expected) const;
  std::string life(const Statement& expected) const;
  std::string client(const Statement& expected) const;
  std::string held(const Statement& expected) const;
  std::string told(const Statement& expected) const;
  std::string affiliation(const Statement& expected) const;
  std::string answered(const Statement& expected) const;
  std::string seen(const Statement& expected) const;
  std::string stored_affiliation(const Statement& expected) const;
  std::uint64_t count(const Statement& expected) const;
  const System& system(const Statement& expected) const;

  World& world_;
  const Ledger& ledger_;
  const ScenarioOperators& operators_;
};

}  // namespace bivouac::sim
