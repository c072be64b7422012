// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/store/table.h"
#include "host-sim/checkers/checker.h"

namespace bivouac::sim {

/// Versions and revisions never go back within one incarnation of the home's store.
class VersionChecker final : public Checker {
 public:
  using Checker::Checker;
  std::string_view name() const override { return "versions"; }
  void on_durable(const System& system, std::span<const store::Mutation> batch) override;
  void on_sent(const Flight& flight) override;
  void on_fault(FaultKind kind, const System& a, const System* b) override;

 private:
  std::map<std::string, store::Table> shadows_;  // by system
  std::map<std::tuple<std::string, std::string, std::string, std::uint64_t>, std::uint64_t>
      exposed_;  // from, to, group, incarnation: newest revision that left
};

}  // namespace bivouac::sim
