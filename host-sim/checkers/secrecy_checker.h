// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <string>

#include "core/engine/configuration.h"
#include "host-sim/checkers/checker.h"

namespace bivouac::sim {

/// What a partner may not see never reaches it: no group without a right, no hidden member, no
/// dropped service, nothing of our overlays, and no group of somebody else's.
class SecrecyChecker final : public Checker {
 public:
  using Checker::Checker;
  std::string_view name() const override { return "secrecy"; }
  void on_started(const System& system) override;
  void on_fault(FaultKind kind, const System& a, const System* b) override;
  void on_sent(const Flight& flight) override;

 private:
  /// Rules that held a moment ago count as well: what was built under them may wait for the disk.
  struct Rules {
    engine::Configuration configuration;
    MonoMs until = MonoMs::never();
  };
  void use(const System& system);

  std::map<std::string, std::deque<Rules>> rules_;  // by system, newest last
};

}  // namespace bivouac::sim
