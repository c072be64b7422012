// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/version_checker.h"

#include "host-sim/checkers/records.h"
#include "host-sim/world/system.h"

namespace bivouac::sim {

void VersionChecker::on_durable(const System& system, std::span<const store::Mutation> batch) {
  store::Table& shadow = shadows_[system.id()];
  for (const store::Mutation& mutation : batch) {
    if (mutation.key.kind() != store::RecordKind::group) {
      if (mutation.key.kind() == store::RecordKind::identity) shadow.apply(mutation);
      continue;
    }
    const store::View view(shadow);
    const Bytes* before = view.find(mutation.key);
    std::optional<StoredGroup> old;
    if (before != nullptr) old = read_group(view, mutation.key, *before);
    shadow.apply(mutation);
    if (mutation.erase || !old) continue;
    const auto now = read_group(store::View(shadow), mutation.key, mutation.value);
    if (!now || now->home != old->home || now->home_incarnation != old->home_incarnation) continue;
    const std::string what = now->group_id + " at " + system.id();
    if (now->version < old->version || now->revision < old->revision) {
      violated(what + " went back from version " + std::to_string(old->version) + ", revision " +
               std::to_string(old->revision) + " to " + std::to_string(now->version) + ", " +
               std::to_string(now->revision));
    }
  }
}

void VersionChecker::on_sent(const Flight& flight) {
  const auto& envelope = envelope_in(flight);
  const auto told = told_in(envelope);
  if (!told || is_forwarded(flight)) return;
  const std::string to = envelope.target()->str();
  auto& newest = exposed_[{flight.from->id(), to, told->group_id, envelope.origin_incarnation()}];
  if (told->revision < newest) {
    violated(flight.from->id() + " tells " + to + " of revision " + std::to_string(told->revision) +
             " of " + told->group_id + " after " + std::to_string(newest));
  }
  newest = std::max(newest, told->revision);
}

void VersionChecker::on_fault(FaultKind kind, const System& a, const System*) {
  // What is left of a damaged store is known only at its next start.
  if (kind == FaultKind::store_lost) shadows_[a.id()] = {};
  if (kind == FaultKind::store_damaged) shadows_[a.id()] = a.disk().table();
}

}  // namespace bivouac::sim
