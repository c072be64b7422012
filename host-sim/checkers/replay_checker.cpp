// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/replay_checker.h"

#include <algorithm>

#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
namespace {

bool equal(const store::View& a, const store::View& b) {
  const auto all_of_a = a.scan({});
  const auto all_of_b = b.scan({});
  return std::equal(all_of_a.begin(), all_of_a.end(), all_of_b.begin(), all_of_b.end());
}

}  // namespace

void ReplayChecker::on_durable(const System& system, std::span<const store::Mutation> batch) {
  store::Table& committed = committed_[system.id()];
  for (const store::Mutation& mutation : batch) committed.apply(mutation);
}

void ReplayChecker::on_started(const System& system) {
  if (!equal(store::View(committed_[system.id()]), system.durable())) {
    violated(system.id() + " starts with something else than what was committed");
  }
}

void ReplayChecker::on_fault(FaultKind kind, const System& a, const System*) {
  if (kind == FaultKind::store_lost || kind == FaultKind::store_damaged) {
    committed_[a.id()] = a.disk().table();
  }
}

void ReplayChecker::at_rest() {
  for (const auto& system : world().systems()) {
    if (!system->is_up() || !system->is_idle()) continue;
    const store::Table found = system->disk().opened();
    if (!equal(system->view(), store::View(found))) {
      violated(system->id() + " knows what a restart would not find");
    }
  }
}

}  // namespace bivouac::sim
