// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/own/affiliation_facts.h"

#include "core/mcs/group_configuration.h"
#include "core/mcs/group_policy.h"

namespace bivouac::mcs::own {

bool is_own_group(const engine::Context& context, std::string_view group_id) {
  return context.configuration.home_of_group(group_id) == nullptr;
}

JudgedUser judged_user(const wire::fb::UserProfile& profile) {
  return {profile.mc_service_id()->string_view(), wire::services_of(profile), &profile};
}

AffiliationFacts gather_rules(const engine::Context& context, const JudgedUser& user,
                              std::string_view group_id) {
  AffiliationFacts facts;
  const engine::Partner* home = context.configuration.home_of_group(group_id);
  facts.elsewhere = home != nullptr;
  // 10.X.3.2.1: whether the user's own system authorises too is a matter of agreement.
  facts.in_profile = user.profile == nullptr ||
                     wire::find_group(*user.profile, group_id) != nullptr ||
                     (home != nullptr && !home->affiliate_by_profile);
  const auto policy = find_policy(context, group_id, user.mc_service_id);
  if (!policy) return facts;
  facts.stored = true;
  facts.disabled = policy->disabled;
  facts.member = policy->member;
  facts.services = policy->services & user.services;
  return facts;
}

Result<ExchangeId> ask_for_policy(engine::Context& context, Services of_user,
                                  std::string_view group_id, std::string_view step) {
  // The group management server tells the servers of the other services by itself.
  for (const Service service : all_services) {
    if (!of_user.has(service) || !context.configuration.services.has(service)) continue;
    const auto id = group_configuration::request(context, group_id, service, false);
    if (id) context.step_done(step, group_id, name(service));
    return id;
  }
  return refuse(Cause::service_unknown);
}

}  // namespace bivouac::mcs::own
