// SPDX-License-Identifier: Apache-2.0
#include "core/gms/affiliation_status.h"

#include "core/gms/group_record.h"
#include "core/store/record.h"
#include "core/wire/affiliation_codec.h"

namespace bivouac::gms::affiliation_status {
namespace {

struct UpdateFacts {
  bool home_here = false;
  Services known;  // that the user is affiliated for already
  Services told;
};

enum class UpdateDecision : std::uint8_t { keep, nothing_new, not_ours };

/// Only what has its home here is told; anything else is our own server's mistake.
UpdateDecision decide(const UpdateFacts& facts) {
  if (!facts.home_here) return UpdateDecision::not_ours;
  return facts.known == facts.told ? UpdateDecision::nothing_new : UpdateDecision::keep;
}

UpdateFacts gather(const engine::Context& context, const GroupAffiliation& one,
                   IdentityNumber user) {
  UpdateFacts facts;
  facts.told = one.services;
  const auto group = find_group(context, one.group_id);
  facts.home_here = group && is_home_here(context, *group->record);
  if (!facts.home_here || !user.is_set()) return facts;
  const auto* record =
      store::find<store::fb::Affiliated>(context.view, store::affiliated_key(group->number, user));
  if (record != nullptr) facts.known.bits = record->services();
  return facts;
}

void keep(engine::Context& context, IdentityNumber user, const GroupAffiliation& one) {
  flatbuffers::FlatBufferBuilder builder;
  const auto record = store::fb::CreateAffiliated(builder, one.services.bits,
                                                  static_cast<std::uint64_t>(context.now.wall.ms));
  context.effects.put(store::affiliated_key(context.identities.find(one.group_id), user),
                      store::finish(builder, record));
}

}  // namespace

void on_update(engine::Context& context, const wire::fb::Envelope& envelope) {
  const auto& update = *envelope.body_as_GroupAffiliationStatusUpdate();
  const std::string_view user_id = update.mc_service_id()->string_view();
  const IdentityNumber user = context.identities.find(user_id);
  for (const GroupAffiliation& one : wire::unpack(update.groups())) {
    const UpdateDecision decision = decide(gather(context, one, user));
    // The MC service server has a record of the user, so there is a number.
    if (decision == UpdateDecision::not_ours || !user.is_set()) {
      context.refused(user_id, one.group_id, Cause::not_home_here);
    } else if (decision == UpdateDecision::keep) {
      keep(context, user, one);
    }
  }
}

void on_end(engine::Context& context, const wire::fb::Envelope& envelope) {
  const auto& update = *envelope.body_as_GroupDeaffiliationStatusUpdate();
  const IdentityNumber user = context.identities.find(update.mc_service_id()->string_view());
  for (const GroupAffiliation& one : wire::unpack(update.groups())) {
    // The group itself may be gone already.
    const IdentityNumber group = context.identities.find(one.group_id);
    const store::Key key = store::affiliated_key(group, user);
    if (context.view.find(key) != nullptr) context.effects.erase(key);
  }
}

}  // namespace bivouac::gms::affiliation_status
