// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/group_policy.h"

#include "core/mcs/group_configuration.h"
#include "core/store/record.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::mcs {
namespace {

/// Members ascend.
const wire::fb::GroupMember* find_member(const wire::fb::GroupConfiguration& configuration,
                                         std::string_view mc_service_id) {
  const auto* members = configuration.members();
  if (members == nullptr) return nullptr;
  flatbuffers::uoffset_t first = 0;
  flatbuffers::uoffset_t last = members->size();
  while (first < last) {
    const flatbuffers::uoffset_t middle = first + (last - first) / 2;
    const wire::fb::GroupMember* member = members->Get(middle);
    const int order = member->mc_service_id()->string_view().compare(mc_service_id);
    if (order == 0) return member;
    if (order < 0) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return nullptr;
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
  const Services holding = group_configuration::services_that_hold(context, group_id);
  const IdentityNumber group = context.identities.find(group_id);
  std::optional<GroupPolicy> policy;
  for (const Service service : all_services) {
    if (!holding.has(service) || !context.configuration.services.has(service)) continue;
    // Every one of them was told the same, but for the service.
    if (!policy) {
      const auto& record = *store::find<store::fb::Policy>(
          context.view, store::policy_key(static_cast<std::uint8_t>(service), group));
      const auto configuration = wire::view_configuration(
          {record.configuration()->data(), record.configuration()->size()});
      if (!configuration) continue;  // stored under other rules: as if it were not there
      policy = policy_in(**configuration, mc_service_id);
    }
    policy->services = policy->services | Services::of(service);
  }
  return policy;
}

}  // namespace bivouac::mcs
