// SPDX-License-Identifier: Apache-2.0
// Whether what stands would be granted today (F27).
#include <algorithm>

#include "core/base/identity.h"
#include "core/base/planted.h"
#include "core/engine/user_record.h"
#include "core/mcs/own/affiliation_facts.h"
#include "core/mcs/own/affiliation_review.h"

namespace bivouac::mcs::own {
namespace {

/// Each may have several clients, and must fit into the effects of a step.
constexpr std::size_t groups_per_slice = 8;
static_assert(2 * groups_per_slice * limits::affiliation_clients_max < limits::effects_max);
static_assert(2 * groups_per_slice <= limits::affiliation_groups_max);

/// Of the groups that count against N2 the one that came last; none when there is none.
IdentityNumber latest(const UserAffiliations& user) {
  const auto& all = user.all();
  const auto found = std::ranges::max_element(all, {}, [](const Affiliation& one) {
    return std::tuple(one.is_wanted(), one.changed_wall_ms, one.group);
  });
  return found == all.end() || !found->is_wanted() ? IdentityNumber{} : found->group;
}

Services covered_by(const UserAffiliations& user, IdentityNumber group) {
  Services services;
  for (const Affiliation& one : user.all()) {
    if (one.group == group) services = services | one.services;
  }
  return services;
}

AffiliationGround ground_of(Cause cause) {
  const bool of_profile = cause == Cause::not_in_profile || cause == Cause::user_unknown ||
                          cause == Cause::affiliation_limit;
  return of_profile ? AffiliationGround::profile : AffiliationGround::policy;
}

void end_group(UserAffiliations& user, IdentityNumber group, Cause cause) {
  user.on_ground(ground_of(cause));
  const std::vector<Affiliation> all = user.all();
  for (const Affiliation& one : all) {
    if (one.group == group) user.end(one.group, one.client, cause);
  }
}

/// The same of a partner's group: its home says which ones are covered.
void ask_again(UserAffiliations& user, IdentityNumber group, Services services) {
  user.on_ground(AffiliationGround::services);
  const std::vector<Affiliation> all = user.all();
  for (Affiliation one : all) {
    if (one.group != group || one.status != AffiliationStatus::affiliated ||
        one.services == services)
      continue;
    one.status = AffiliationStatus::affiliating;
    one.services = {};
    user.put(one, one.changed_by);
  }
}

/// The group has other services now, or the user has; or its home is here since a moment.
void cover(UserAffiliations& user, IdentityNumber group, Services services) {
  user.on_ground(AffiliationGround::services);
  const std::vector<Affiliation> all = user.all();
  for (Affiliation one : all) {
    if (one.group != group || !one.is_wanted()) continue;
    one.services = services;
    one.status = AffiliationStatus::affiliated;
    one.cause = Cause::none;
    user.put(one, one.changed_by);
  }
}

}  // namespace

void AffiliationReview::judge_user(engine::Context& context, IdentityNumber number) {
  const std::string user_id(context.identities.text(context.view, number));
  UserAffiliations user(context, affiliations_, user_id, {AffiliationGround::policy});
  const bool served_here = engine::is_served_here(context, user_id);
  const engine::Partner* home = context.configuration.home_of_user(user_id);
  const auto* profile = served_here ? engine::find_user(context, user_id) : nullptr;
  const auto judged = [&](IdentityNumber group) {
    return profile != nullptr ? judged_user(*profile)
                              : JudgedUser{user_id, covered_by(user, group)};
  };
  auto& groups = groups_.at(number);
  Ended ended;
  for (std::size_t i = 0; i < groups_per_slice && !groups.empty(); ++i) {
    const IdentityNumber group = *groups.begin();
    groups.erase(groups.begin());
    const bool here = is_own_group(context, context.identities.text(context.view, group));
    Services services;
    const Cause cause = profile != nullptr || home != nullptr
                            ? judge_group(context, judged(group), group, services)
                            : Cause::user_unknown;
    if (!user.is_wanted(group)) {
      // Of one that is here, whom it was to be said to is no partner any more. Elsewhere its home
      // may keep who has to stay; not whom we would not let stay.
      if (here || cause != Cause::none) end_group(user, group, cause);
      continue;
    }
    if (cause != Cause::none) {
      end(context, user, group, cause, ended);
    } else if (!services.empty()) {
      here ? cover(user, group, services) : ask_again(user, group, services);
    }
  }
  if (groups.empty()) {
    // N2 may be lower now: what came last goes first.
    const std::size_t groups_max = profile != nullptr ? profile->affiliations_max() : SIZE_MAX;
    for (std::size_t i = 0; i < groups_per_slice; ++i) {
      if (user.groups_counted() <= groups_max) break;
      end(context, user, latest(user), Cause::affiliation_limit, ended);
    }
    if (user.groups_counted() <= groups_max) groups_.erase(number);
  }
  finish(context, user, ended);
}

/// Why the affiliation is not to stand; `services` are those that it covers now, none: as before.
Cause AffiliationReview::judge_group(engine::Context& context, const JudgedUser& user,
                                     IdentityNumber group, Services& services) {
  const std::string group_id(context.identities.text(context.view, group));
  AffiliationFacts facts = gather_rules(context, user, group_id);
  if (is_planted(Planted::disabled_group_kept)) facts.disabled = false;
  // Of a partner's user the group's policy alone decides, and what the partner may do (F23).
  const engine::Partner* home = context.configuration.home_of_user(user.mc_service_id);
  if (home != nullptr && !matches_any(home->rights.affiliate, group_id))
    return Cause::not_authorised;
  if (facts.in_profile && !facts.stored) {
    const auto gone = gone_.find(group);
    if (gone != gone_.end() && says_it_is_gone(gone->second)) {
      // Our overlays may leave it no service; of a partner's group its home decides all the same.
      const bool exists = facts.elsewhere && gone->second == Cause::service_unknown;
      return exists ? Cause::none : gone->second;
    }
    ask(context, user.services, group, group_id);
    return Cause::none;  // until the answer says more
  }
  if (facts.elsewhere) {
    // Its home judges it too; what is cached here tells it as soon as the home has told us.
    if (!facts.in_profile) return Cause::not_in_profile;
    if (facts.disabled) return Cause::group_disabled;
    services = facts.services;
    return facts.member ? Cause::none : Cause::not_a_member;
  }
  services = facts.services;
  return judge(facts);
}

void AffiliationReview::ask(engine::Context& context, Services of_user, IdentityNumber group,
                            std::string_view group_id) {
  const bool asked =
      std::ranges::any_of(asked_, [&](const auto& entry) { return entry.second == group; });
  if (asked) return;
  if (const auto id = ask_for_policy(context, of_user, group_id)) asked_[*id] = group;
}

void AffiliationReview::end(const engine::Context& context, UserAffiliations& user,
                            IdentityNumber group, Cause cause, Ended& ended) {
  end_group(user, group, cause);
  if (context.identities.text(context.view, group).empty()) return;  // lost with a salvaged store
  ended.push_back({std::string(context.identities.text(context.view, group)),
                   AffiliationStatus::deaffiliated,
                   cause,
                   {},
                   {}});
}

void AffiliationReview::finish(engine::Context& context, const UserAffiliations& user,
                               const Ended& ended) {
  if (!user.changed()) {
    // Whether its user takes part while it is pending may be another question now.
    if (tells_pending_ && user.is_any_affiliating()) status_.changed(context, user.mc_service_id());
    return;
  }
  if (const engine::Partner* home = context.configuration.home_of_user(user.mc_service_id())) {
    user.tell(hosted_steps);
    changed_homes_.insert(home->system_id);
    return;
  }
  user.tell(own_steps);
  status_.changed(context, user.mc_service_id());
  for (const GroupAffiliation& one : ended) waiting_.ended(context, user.mc_service_id(), one);
  if (!ended.empty()) notify_ended(context, user.mc_service_id(), ended);
}

}  // namespace bivouac::mcs::own
