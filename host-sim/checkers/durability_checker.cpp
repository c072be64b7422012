// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/durability_checker.h"

#include "core/base/limits.h"
#include "core/wire/schema/operator_generated.h"
#include "host-sim/checkers/records.h"
#include "host-sim/world/system.h"

namespace bivouac::sim {
namespace {

const wire::fb::OperatorMessage& message_in(ByteView frame) {
  return *wire::fb::GetOperatorMessage(frame.data() + limits::frame_header_bytes);
}

}  // namespace

void DurabilityChecker::on_request(const System& system, RequestId id, ByteView frame) {
  const auto& message = message_in(frame);
  Change change;
  if (const auto* import = message.body_as_GroupImportRequest()) {
    change = {import->configuration()->group_id()->str(), false, ++requests_};
  } else if (const auto* remove = message.body_as_GroupRemoveRequest()) {
    change = {remove->group_id()->str(), true, ++requests_};
  } else {
    return;
  }
  newest_change_[{system.id(), change.group_id}] = change.number;
  kept_.erase({system.id(), change.group_id});  // until we know better
  changes_[id] = change;
}

void DurabilityChecker::on_answer(const System& system, RequestId id, ByteView frame) {
  const auto found = changes_.find(id);
  if (found == changes_.end()) return;
  const Change change = found->second;
  changes_.erase(found);
  const auto* answer = message_in(frame).body_as_OperationAnswer();
  if (answer == nullptr || answer->outcome() == wire::fb::OutcomeKind::failed) return;
  const GroupAt at{system.id(), change.group_id};
  if (newest_change_[at] != change.number) return;  // a newer one may have overtaken it
  kept_[at] = {answer->version(), change.removes};
  check_kept(system, change.group_id, kept_[at], "when it was acknowledged");
}

void DurabilityChecker::on_started(const System& system) {
  for (const auto& [at, kept] : kept_) {
    if (at.first == system.id()) check_kept(system, at.second, kept, "after a start");
  }
}

void DurabilityChecker::check_kept(const System& system, const std::string& group_id,
                                   const Kept& kept, const char* when) {
  const auto stored = find_group(system.durable(), group_id);
  const bool holds = kept.removed ? !stored || stored->home != system.id()
                                  : stored && stored->version >= kept.version;
  if (holds) return;
  violated(system.id() + " does not hold the acknowledged " +
           (kept.removed ? "removal" : "version " + std::to_string(kept.version)) + " of " +
           group_id + " " + when);
}

void DurabilityChecker::on_fault(FaultKind kind, const System& a, const System*) {
  if (kind != FaultKind::store_lost && kind != FaultKind::store_damaged) return;
  std::erase_if(kept_, [&](const auto& entry) { return entry.first.first == a.id(); });
  if (kind == FaultKind::store_damaged) damaged_.insert(a.id());
}

void DurabilityChecker::on_arrived(const Flight& flight) {
  const auto& envelope = envelope_in(flight);
  const auto told = told_in(envelope);
  if (!told) return;
  const Provision provision{told->group_id, told->revision, envelope.origin_incarnation(),
                            told->configuration == nullptr};
  provisions_[{flight.to->id(), envelope.origin()->str(), envelope.origin_incarnation(),
               envelope.exchange()}] = provision;
  if (provision.withdrawn) {
    auto& newest = tombstones_[{{flight.to->id(), provision.group_id}, provision.incarnation}];
    newest = std::max(newest, provision.revision);
  }
}

void DurabilityChecker::on_sent(const Flight& flight) {
  const auto& envelope = envelope_in(flight);
  if (!accepts(envelope) || is_forwarded(flight)) return;
  const System& system = *flight.from;
  const std::string to = envelope.target()->str();
  const auto found =
      provisions_.find({system.id(), to, envelope.origin_incarnation(), envelope.exchange()});
  if (found == provisions_.end()) {
    violated(system.id() + " answers " + to + " a request that it never got");
    return;
  }
  const Provision& provision = found->second;
  if (damaged_.contains(system.id())) return;
  const auto stored = find_group(system.durable(), provision.group_id);
  const bool newer = stored && (stored->home_incarnation != provision.incarnation ||
                                stored->revision >= provision.revision);
  const auto tombstone =
      tombstones_.find({{system.id(), provision.group_id}, provision.incarnation});
  const bool removed =
      !stored && tombstone != tombstones_.end() && tombstone->second >= provision.revision;
  if (newer || removed || (provision.withdrawn && !stored)) return;
  violated(system.id() + " answers success for revision " + std::to_string(provision.revision) +
           " of " + provision.group_id + ", which is not durable");
}

}  // namespace bivouac::sim
