// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/affiliation.h"
#include "host-sim/scenario/ledger.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {

/// The users of a scenario's clients, as far as they ask for something once: to affiliate, and to
/// leave.
class ScenarioClients {
 public:
  struct Wish {
    std::vector<std::string> group_ids;
    bool leaves = false;
    DeaffiliationScope scope = DeaffiliationScope::this_client;
  };
  /// A persistent user asks one thing after the other, and again when a crash took the answer.
  ScenarioClients(World& world, Ledger& ledger, bool is_persistent)
      : world_(world), ledger_(ledger), is_persistent_(is_persistent) {}

  void ask(System& client, Wish wish);
  /// After each thing that happens in the world.
  void look();
  /// A persistent user who was refused asks for the same again a second later.
  void insist(System& client);
  /// Its device lost everything.
  void forget(const System& client) { users_.erase(client.number()); }

 private:
  struct User {
    System* client = nullptr;
    std::deque<Wish> waiting;  // the first is asked now, if `asked`
    bool asked = false;
    std::optional<MonoMs> refused;
    Wish last;
  };
  void look(User& user);
  void send(System& client, const Wish& wish);

  World& world_;
  Ledger& ledger_;
  bool is_persistent_;
  std::map<std::uint32_t, User> users_;  // by client
};

}  // namespace bivouac::sim
