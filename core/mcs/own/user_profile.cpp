// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/own/user_profile.h"

#include <algorithm>

#include "core/engine/user_record.h"
#include "core/mcs/own/user_profile_decision.h"
#include "core/wire/user_profile_codec.h"

namespace bivouac::mcs::own::user_profile {

Result<void> import(engine::Context& context, UserProfile profile) {
  for (ProfileGroup& group : profile.groups) {
    if (group.server.empty()) group.server = context.self();
  }
  const auto* stored = engine::find_user(context, profile.mc_service_id);
  ProfileFacts facts;
  facts.validity = wire::validate(profile);
  facts.of_partner = context.configuration.home_of_user(profile.mc_service_id) != nullptr;
  facts.foreign_server = std::ranges::any_of(
      profile.groups, [&](const ProfileGroup& group) { return !context.is_self(group.server); });
  facts.stored = stored != nullptr;
  facts.same = stored != nullptr && wire::unpack(*stored) == profile;
  facts.space_low = context.space_low;
  facts.full = engine::count_users(context) >= limits::users_max;
  if (const Cause cause = decide(facts); cause != Cause::none) return refuse(cause);
  if (facts.same) return {};
  const auto user = engine::put_user(context, profile);
  if (!user) return refuse(user.error());
  context.effects.note({NoteKind::user_stored, {}, profile.mc_service_id, {}, Cause::none, 0});
  return {};
}

Result<void> remove(engine::Context& context, std::string_view mc_service_id) {
  const IdentityNumber user = context.identities.find(mc_service_id);
  if (!user.is_set() || context.view.find(store::user_key(user)) == nullptr) {
    return refuse(Cause::user_unknown);
  }
  context.effects.erase(store::user_key(user));
  context.effects.note(
      {NoteKind::user_removed, {}, std::string(mc_service_id), {}, Cause::none, 0});
  return {};
}

}  // namespace bivouac::mcs::own::user_profile
