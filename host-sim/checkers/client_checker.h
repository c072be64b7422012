// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host-sim/checkers/checker.h"

namespace bivouac::sim {

/// A client is given groups only that its user is a member of; and in the end each client that is
/// logged on holds of its subscriptions exactly what its system makes of them.
class ClientChecker final : public Checker {
 public:
  using Checker::Checker;
  std::string_view name() const override { return "clients"; }
  void on_report(const System& client, const client::Report& report) override;
  void at_rest() override;

 private:
  void judge(const System& client, const System& its_system);
};

}  // namespace bivouac::sim
