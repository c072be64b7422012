// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "host-sim/scenario/clients.h"
#include "host-sim/scenario/judge.h"
#include "host-sim/scenario/ledger.h"
#include "host-sim/scenario/operators.h"
#include "host-sim/scenario/run.h"

namespace bivouac::sim {

/// Carries out one scenario: run.cpp has its course, actions.cpp what each verb does.
class Runner {
 public:
  Runner(const Scenario& scenario, const RunOptions& options);
  Run run();

  // The same in pieces, for who decides what comes next: begin, then one statement after the other.
  void begin();
  void step(const Statement& one);
  World& world() { return world_; }
  const std::vector<std::string>& failures() const { return run_.failures; }

 private:
  struct Action {
    Verb verb;
    void (Runner::*act)(const Statement&);
  };
  static const Action actions[];

  void advance(MonoMs time);
  void act(const Statement& one);
  void expect(const Statement& one);
  void expect_within(const Statement& one);
  void fail(const Statement& one, const std::string& text);

  System& system(const Statement& one);
  System& other(const Statement& one);
  System& client_of(const Statement& one);
  /// Whether the system is up; reports when it is not as the verb needs it.
  bool require_down(const Statement& one);

  void start(const Statement& one);
  void crash(const Statement& one);
  void crash_in_commit(const Statement& one);
  void reload(const Statement& one);
  void store(const Statement& one);
  void disk(const Statement& one);
  void clock(const Statement& one);
  void certificate(const Statement& one);
  void network(const Statement& one);
  void ask(const Statement& one);
  void ask_about_user(const Statement& one);
  void client(const Statement& one);
  void client_affiliates(const Statement& one);
  /// After each thing that happens in the world.
  void look();
  void client_network(const Statement& one);
  void ask_about_keys(const Statement& one);
  void life(const Statement& one);
  void time(const Statement& one);
  void happens(const Statement& one);

  const Scenario& scenario_;
  const RunOptions& options_;
  World world_;
  Ledger ledger_;
  ScenarioOperators operators_;
  ScenarioClients clients_;
  Judge judge_;
  std::map<std::string, GroupConfiguration> groups_;  // as the operators would import them next
  std::map<std::string, UserProfile> users_;          // the same
  Run run_;
};

}  // namespace bivouac::sim
