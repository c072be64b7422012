// SPDX-License-Identifier: Apache-2.0
#include "core/gms/clients/client_view.h"

#include <algorithm>

#include "core/base/hash.h"
#include "core/engine/user_record.h"
#include "core/gms/group_keys.h"
#include "core/gms/group_record.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::gms::clients {
namespace {

// Clients and server compare digests; who could choose one gains nothing by it.
constexpr std::uint64_t digest_key_a = 0x636C69656E74;
constexpr std::uint64_t digest_key_b = 0x76696577;

bool is_member(const GroupConfiguration& configuration, std::string_view user) {
  const auto found =
      std::ranges::lower_bound(configuration.members, user, {}, &GroupMember::mc_service_id);
  return found != configuration.members.end() && found->mc_service_id == user;
}

}  // namespace

GroupView view_group(const engine::Context& context,
                     const partner::GroupConfigurationRequest& pulls, std::string_view group_id) {
  GroupView view;
  const auto found = find_group(context, group_id);
  if (!found) return view;
  view.configuration = find_effective(*found->record);
  if (!view.configuration) return view;
  // 0 stands for nothing.
  view.digest = siphash(digest_key_a, digest_key_b, wire::encode(*view.configuration)) | 1U;
  view.keys = find_keys(context, found->number);
  view.stale = !is_home_here(context, *found->record) &&
               pulls.is_stale(context, found->number, *found->record);
  if (view.stale)
    view.age_ms = static_cast<std::uint64_t>(pulls.stale_for(context, *found->record).ms);
  return view;
}

std::span<const KeyEnvelope> keys_of(const GroupView& view, std::string_view user) {
  const auto its = std::ranges::equal_range(
      view.keys, user, {}, [](const KeyEnvelope& one) { return std::string_view(one.recipient); });
  return {its.begin(), its.end()};
}

std::uint64_t digest_for(const GroupView& view, std::string_view user) {
  std::uint64_t digest = view.digest;
  for (const KeyEnvelope& one : keys_of(view, user))
    digest = siphash(digest, one.expiry_wall_ms ^ one.gmk.value, one.bytes) | 1U;
  return digest;
}

Cause judge(const engine::Context& context, const engine::ClientAddress& client,
            std::string_view group_id, const GroupView& view) {
  ViewFacts facts;
  const engine::LogOn* log_on = context.log_ons.find(client);
  facts.logged_on = log_on != nullptr;
  if (const auto* profile = engine::find_user(context, client.mc_service_id)) {
    const auto* listed = wire::find_group(*profile, group_id);
    facts.in_profile = listed != nullptr && context.is_self(listed->server()->string_view());
  }
  if (view.configuration) {
    facts.stored = true;
    facts.member = is_member(*view.configuration, client.mc_service_id);
    facts.services_shared =
        log_on != nullptr && !(view.configuration->services & log_on->services).empty();
  }
  return decide(facts);
}

}  // namespace bivouac::gms::clients
