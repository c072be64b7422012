// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "core/base/group_configuration.h"
#include "core/engine/context.h"
#include "core/store/record.h"

// The stored copy of a group: what its home defined or sent (the original) and, apart from it, what
// we change of it (the overlay). Effective is the merge of both and is never stored (decision 11).

namespace bivouac::gms {

struct GroupRecord {
  IdentityNumber number;
  const store::fb::Group* record = nullptr;  // dies with the step
};

/// Groups stored here, defined and cached.
std::size_t count_groups(const engine::Context& context);

/// None when the group is not stored here.
std::optional<GroupRecord> find_group(const engine::Context& context, std::string_view group_id);

bool is_home_here(const engine::Context& context, const store::fb::Group& record);
std::string_view home_of(const engine::Context& context, const store::fb::Group& record);

/// None when the group is lost: what is stored does not pass our rules, as when an older program
/// with other rules stored it. A lost group is unknown to whoever asks, and nobody is told that it
/// is gone, until its home gives it, or an operator defines it, again.
std::optional<GroupConfiguration> find_original(const store::fb::Group& record);
std::optional<GroupConfiguration> find_effective(const store::fb::Group& record);
/// The same of a group that is known not to be lost.
GroupConfiguration original(const store::fb::Group& record);
GroupConfiguration effective(const store::fb::Group& record);
/// The original where it lies, without a copy; null when the group is lost.
const wire::fb::GroupConfiguration* view_original(const store::fb::Group& record);
/// Services of the effective configuration; all of them when the group is lost.
Services services_of(const store::fb::Group& record);

/// What is written of a group; `overlay` absent for a group that has its home here.
struct GroupToStore {
  IdentityNumber home_system{};
  GroupVersion version{};
  ExposedRevision exposed_revision{};
  Incarnation home_incarnation{};
  const GroupConfiguration* original = nullptr;
  const engine::OverlayPolicy* overlay = nullptr;
  bool orphaned = false;
  std::uint64_t stored_wall_ms = 0;  // 0: now
};
/// The record as it is, but as if its home had a store that we do not know: it is asked anew.
void put_to_ask_anew(engine::Context& context, IdentityNumber number,
                     const store::fb::Group& record);
void put_group(engine::Context& context, IdentityNumber number, const GroupToStore& group);

/// 10.2.7.2 step 4 and 10.2.7.3 step 6: tells the MC service servers here, one message each. Those
/// of `before` that the group no longer has learn that it was withdrawn; null: withdrawn for all.
/// Only those `among` are told.
void notify_mc_service_servers(engine::Context& context, std::string_view clause_step,
                               std::string_view group_id, Services before,
                               const GroupConfiguration* effective,
                               Services among = Services::all());

}  // namespace bivouac::gms
