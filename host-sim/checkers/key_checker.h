// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host-sim/checkers/checker.h"

namespace bivouac::sim {

/// Key material is on no disk in the clear, in no note and in no answer to an operator; what
/// travels goes to the home of its recipient, and from there to the recipient's clients. Every
/// envelope of a scenario begins with the same mark, so that finding it is enough.
class KeyChecker final : public Checker {
 public:
  using Checker::Checker;
  std::string_view name() const override { return "keys"; }
  void on_durable(const System& system, std::span<const store::Mutation> batch) override;
  void on_answer(const System& system, RequestId id, ByteView frame) override;
  void on_note(const System& system, const Note& note) override;
  void on_sent(const Flight& flight) override;
};

}  // namespace bivouac::sim
