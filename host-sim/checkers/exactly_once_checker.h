// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/store/table.h"
#include "host-sim/checkers/checker.h"

namespace bivouac::sim {

/// However often a request is sent, its effect comes once: a revision is stored once, and a group's
/// version rises no more often than its home's operators asked for a change.
class ExactlyOnceChecker final : public Checker {
 public:
  using Checker::Checker;
  std::string_view name() const override { return "exactly once"; }
  void on_durable(const System& system, std::span<const store::Mutation> batch) override;
  void on_request(const System& system, RequestId id, ByteView frame) override;
  void on_fault(FaultKind kind, const System& a, const System* b) override;

 private:
  void judge(const System& system, const store::Mutation& mutation, const store::View& view);

  std::map<std::string, store::Table> shadows_;                           // by system
  std::map<std::pair<std::string, std::string>, std::uint64_t> imports_;  // by system and group
};

}  // namespace bivouac::sim
