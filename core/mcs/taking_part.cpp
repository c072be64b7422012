// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/taking_part.h"

#include "core/base/identity.h"
#include "core/engine/user_record.h"
#include "core/mcs/group_policy.h"

namespace bivouac::mcs {

bool takes_part_while_pending(const engine::Context& context, std::string_view group_id) {
  const engine::Partner* home = context.configuration.home_of_group(group_id);
  return home != nullptr && matches_any(home->pending_take_part, group_id);
}

Services taken_part_in(const engine::Context& context, std::string_view mc_service_id,
                       const Affiliation& affiliation) {
  if (affiliation.status != AffiliationStatus::affiliating) return affiliation.services;
  const std::string_view group_id = context.identities.text(context.view, affiliation.group);
  if (!takes_part_while_pending(context, group_id)) return {};
  const auto policy = find_policy(context, group_id, mc_service_id);
  const auto profile = engine::find_user(context, mc_service_id);
  if (!policy || !profile || policy->disabled || !policy->member) return {};
  return policy->services & profile->services;
}

}  // namespace bivouac::mcs
