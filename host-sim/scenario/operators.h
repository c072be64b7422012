// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "host-sim/world/world.h"

namespace bivouac::sim {

/// The operators of a scenario: one for each system, whose last request is the one that counts.
class ScenarioOperators {
 public:
  /// A persistent operator asks one thing after the other, and again when a crash took the answer.
  ScenarioOperators(World& world, bool is_persistent)
      : world_(world), is_persistent_(is_persistent) {}

  void ask(System& system, Bytes frame);
  /// After each thing that happens in the world.
  void look();
  /// A persistent operator who was refused asks for the same again a second later.
  void insist(System& system);
  /// Of the last request: "done", "queued", "failed group_unknown", "none".
  std::string last_answer(const System& system) const;

 private:
  struct Asked {
    RequestId id;
    std::uint32_t boot = 0;
  };
  struct Operator {
    System* system = nullptr;
    std::deque<Bytes> waiting;  // the first is asked now, if `asked`
    std::optional<Asked> asked;
    std::optional<RequestId> answered;  // before that
    Bytes last;                         // what was asked last
    MonoMs refused;                     // when its answer was met by insist
  };
  void look(Operator& one);

  World& world_;
  bool is_persistent_;
  std::map<std::uint32_t, Operator> operators_;  // by system
};

}  // namespace bivouac::sim
