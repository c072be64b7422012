// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/exactly_once_checker.h"

#include <set>

#include "core/base/limits.h"
#include "core/wire/schema/operator_generated.h"
#include "host-sim/checkers/records.h"
#include "host-sim/world/system.h"

namespace bivouac::sim {

void ExactlyOnceChecker::on_request(const System& system, RequestId, ByteView frame) {
  const auto* message = wire::fb::GetOperatorMessage(frame.data() + limits::frame_header_bytes);
  if (const auto* import = message->body_as_GroupImportRequest()) {
    ++imports_[{system.id(), import->configuration()->group_id()->str()}];
  }
}

void ExactlyOnceChecker::on_durable(const System& system, std::span<const store::Mutation> batch) {
  store::Table& shadow = shadows_[system.id()];
  // Keys that are new, or were lost, come with the configuration, new or not (N2).
  std::set<std::uint32_t> with_keys;
  for (const store::Mutation& mutation : batch) {
    if (mutation.key.kind() == store::RecordKind::keys) with_keys.insert(mutation.key.number_at(4));
  }
  for (const store::Mutation& mutation : batch) {
    const bool is_group = mutation.key.kind() == store::RecordKind::group;
    const bool judged =
        is_group && !mutation.erase && !with_keys.contains(mutation.key.number_at(4));
    if (judged) judge(system, mutation, store::View(shadow));
    if (is_group || mutation.key.kind() == store::RecordKind::identity) shadow.apply(mutation);
  }
}

void ExactlyOnceChecker::judge(const System& system, const store::Mutation& mutation,
                               const store::View& view) {
  const auto now = read_group(view, mutation.key, mutation.value);
  if (!now) return;
  const std::string what = now->group_id + " at " + system.id();
  if (now->home == system.id()) {
    const std::uint64_t asked = imports_[{system.id(), now->group_id}];
    if (now->version > asked) {
      violated(what + " has version " + std::to_string(now->version) + " after " +
               std::to_string(asked) + " imports");
    }
    return;
  }
  const Bytes* before = view.find(mutation.key);
  if (before == nullptr) return;
  const auto old = read_group(view, mutation.key, *before);
  // The time of storing stays when only our overlay is laid on anew.
  const bool again = old && old->home == now->home && !old->orphaned &&
                     old->home_incarnation == now->home_incarnation &&
                     old->revision == now->revision && old->stored_wall_ms != now->stored_wall_ms;
  if (again) violated(what + ": revision " + std::to_string(now->revision) + " is stored twice");
}

void ExactlyOnceChecker::on_fault(FaultKind kind, const System& a, const System*) {
  if (kind == FaultKind::store_lost || kind == FaultKind::store_damaged) {
    shadows_[a.id()] = a.disk().table();
  }
}

}  // namespace bivouac::sim
