// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/group_policy.h"

#include <algorithm>

#include "core/mcs/group_configuration.h"

namespace bivouac::mcs {
namespace {

/// Members ascend.
const wire::fb::GroupMember* find_member(const wire::fb::GroupConfiguration& configuration,
                                         std::string_view mc_service_id) {
  if (configuration.members() == nullptr) return nullptr;
  const auto& members = *configuration.members();
  const auto found = std::lower_bound(members.begin(), members.end(), mc_service_id,
                                      [](const wire::fb::GroupMember* member, std::string_view id) {
                                        return member->mc_service_id()->string_view() < id;
                                      });
  if (found == members.end() || found->mc_service_id()->string_view() != mc_service_id)
    return nullptr;
  return *found;
}

GroupPolicy policy_in(const wire::fb::GroupConfiguration& configuration,
                      std::string_view mc_service_id) {
  using wire::fb::GroupFlags;
  using wire::fb::MemberFlags;
  GroupPolicy policy;
  policy.disabled = (configuration.flags() & GroupFlags::disabled) != GroupFlags::NONE;
  policy.affiliated_members_min = configuration.affiliated_members_min();
  if (const auto* member = find_member(configuration, mc_service_id)) {
    policy.member = true;
    policy.affiliation_required =
        (member->flags() & MemberFlags::affiliation_required) != MemberFlags::NONE;
  }
  return policy;
}

}  // namespace

std::optional<GroupPolicy> find_policy(const engine::Context& context, std::string_view group_id,
                                       std::string_view mc_service_id) {
  std::optional<GroupPolicy> policy;
  const IdentityNumber group = context.identities.find(group_id);
  if (!group.is_set()) return policy;
  for (const Service service : all_services) {
    if (!context.configuration.services.has(service)) continue;
    const auto* configuration = group_configuration::view_policy(context, service, group);
    if (configuration == nullptr) continue;
    // Every one of them was told the same, but for the service.
    if (!policy) policy = policy_in(*configuration, mc_service_id);
    policy->services = policy->services | Services::of(service);
  }
  return policy;
}

}  // namespace bivouac::mcs
