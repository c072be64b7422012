// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/convergence_checker.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/store/record.h"
#include "core/wire/configuration_codec.h"
#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
namespace {

/// What the home would show; no services left means nothing.
GroupConfiguration shown(const GroupConfiguration& group, const engine::Partner& rules) {
  GroupConfiguration result = group;
  result.alias = "";
  const auto dropped = static_cast<unsigned>(rules.exposure.drop_services.bits);
  result.services.bits = static_cast<std::uint8_t>(result.services.bits & ~dropped);
  std::vector<GroupMember> members;
  for (const GroupMember& member : group.members) {
    const bool visible =
        !rules.exposure.hide_members_of_others || matches_any(rules.users, member.mc_service_id);
    if (visible) members.push_back(member);
  }
  result.members = std::move(members);
  return result;
}

bool has_member_of(const GroupConfiguration& group, const engine::Partner& partner) {
  return std::ranges::any_of(group.members, [&](const GroupMember& member) {
    return matches_any(partner.users, member.mc_service_id);
  });
}

}  // namespace

void ConvergenceChecker::on_fault(FaultKind kind, const System& a, const System*) {
  if (kind == FaultKind::store_lost || kind == FaultKind::store_damaged) forgetful_.insert(a.id());
  if (kind != FaultKind::reloaded) return;
  for (const auto& other : world().systems()) {
    if (a.configuration().partner(other->id()) == nullptr) estranged_.insert({a.id(), other->id()});
  }
}

bool ConvergenceChecker::may_have_forgotten(const std::string& home,
                                            const std::string& partner) const {
  return forgetful_.contains(home) || estranged_.contains({home, partner});
}

void ConvergenceChecker::at_rest() {
  for (const auto& home : world().systems()) {
    if (!home->is_up()) {
      violated(home->id() + " is down at the end");
      continue;
    }
    const auto groups = read_groups(home->view());
    for (const StoredGroup& group : groups) {
      if (group.home != home->id()) {
        judge_cached(*home, group);
        continue;
      }
      for (const auto& partner : world().systems()) {
        const engine::Partner* rules = home->configuration().partner(partner->id());
        const engine::Partner* own_rules = partner->configuration().partner(home->id());
        if (partner->is_up() && rules != nullptr && own_rules != nullptr) {
          judge_share({*home, *partner, *rules, *own_rules, group});
        }
      }
    }
  }
}

void ConvergenceChecker::judge_share(const Share& share) {
  const std::string& group_id = share.group.group_id;
  const GroupConfiguration expected = shown(share.group.original, share.rules);
  const bool may_receive = matches_any(share.rules.rights.receive, group_id);
  const bool may_request = matches_any(share.rules.rights.request, group_id);
  const bool may_provide = matches_any(share.own_rules.rights.provide, group_id);
  const Asked asked = asked_for(share.home.view(), share.group.number, share.partner.id());
  const bool by_rule = has_member_of(share.group.original, share.rules);
  const bool visible = !expected.services.empty();
  const engine::Partner* believed_home = share.partner.configuration().home_of_group(group_id);
  const auto cached = find_group(share.partner.view(), group_id);
  // While it did not know the home, its operators, or another partner, may have defined a group of
  // the same name: that stays until its home withdraws it.
  const bool has_another = cached && cached->home != share.home.id();
  const bool home_believed =
      !has_another && (believed_home == nullptr || believed_home->system_id == share.home.id());
  const bool holds = cached && cached->home == share.home.id() && !cached->orphaned;
  const std::string who = share.partner.id() + " and " + group_id + " of " + share.home.id();

  const bool pushed = visible && may_receive && (by_rule || asked != Asked::no);
  if (pushed && may_provide && home_believed) {
    // Whoever pulled in vain was told so, and gets the next change.
    const bool pulled_in_vain = !holds && !by_rule && asked == Asked::and_answered;
    if (!holds && !pulled_in_vain) return violated(who + ": it should be there");
    if (holds && cached->original != expected)
      violated(who + ": it is not what its home would give");
  }
  const bool may_subscribe = matches_any(share.rules.rights.subscribe, group_id);
  const bool notified =
      holds_subscription(share.home.view(), share.group.number, share.partner.id());
  const bool wants = has_subscribed(share.partner.view(), group_id, share.home.id());
  if (wants && may_subscribe && visible && home_believed) {
    if (!notified) return violated(who + ": its subscription was forgotten");
    if (!holds) return violated(who + ": it is subscribed to, and not there");
    if (cached->original != expected)
      return violated(who + ": it is subscribed to, and not what its home would give");
    judge_keys(share, who);
  }
  if (notified && !may_subscribe) violated(who + ": the subscription should have ended");
  // What was asked for stays.
  const bool keeps = asked != Asked::no && (may_request || may_subscribe) && visible;
  const bool withdrawn = !pushed && !keeps;
  if (holds && withdrawn && !may_have_forgotten(share.home.id(), share.partner.id())) {
    violated(who + ": it should have been withdrawn");
  }
}

/// What expires is left out: each end judges it by its own clock.
void ConvergenceChecker::judge_keys(const Share& share, const std::string& who) {
  auto at_home = find_keys(share.home.view(), share.group.group_id);
  if (!at_home) return;  // it says nothing, and its partners keep what they have
  std::erase_if(*at_home, [&](const KeyEnvelope& one) {
    return one.expiry_wall_ms != 0 ||
           share.home.configuration().home_of_user(one.recipient) != &share.rules;
  });
  // Who is served elsewhere is a stranger there: everything is refused.
  const bool has_stranger = std::ranges::any_of(*at_home, [&](const KeyEnvelope& one) {
    return share.partner.configuration().home_of_user(one.recipient) != nullptr;
  });
  if (has_stranger) return;
  auto here =
      find_keys(share.partner.view(), share.group.group_id).value_or(std::vector<KeyEnvelope>{});
  std::erase_if(here, [](const KeyEnvelope& one) { return one.expiry_wall_ms != 0; });
  if (here != *at_home) violated(who + ": it is subscribed to, and its key material is not there");
}

void ConvergenceChecker::judge_cached(const System& partner, const StoredGroup& cached) {
  judge_policies(partner, cached);
  const auto& systems = world().systems();
  const auto home = std::ranges::find_if(
      systems, [&](const auto& system) { return system->id() == cached.home; });
  if (home == systems.end() || !(*home)->is_up()) return;
  const bool linked = partner.configuration().partner(cached.home) != nullptr &&
                      (*home)->configuration().partner(partner.id()) != nullptr;
  if (!linked || cached.orphaned || may_have_forgotten(cached.home, partner.id())) return;
  if (!find_group((*home)->view(), cached.group_id)) {
    violated(partner.id() + " holds " + cached.group_id + ", which its home has removed");
  }
}

/// The MC service servers know what is served, each for its service.
void ConvergenceChecker::judge_policies(const System& partner, const StoredGroup& cached) {
  const engine::Partner* own_rules = partner.configuration().partner(cached.home);
  if (own_rules == nullptr) return;
  const GroupConfiguration effective = served(cached.original, *own_rules);
  for (const Service service : all_services) {
    const bool wanted =
        effective.services.has(service) && partner.configuration().services.has(service);
    const auto* policy = store::find<store::fb::Policy>(
        partner.view(), store::policy_key(static_cast<std::uint8_t>(service), {cached.number}));
    const std::string who = "the MC service server for " + std::string(bivouac::name(service)) +
                            " at " + partner.id() + " and " + cached.group_id;
    if (policy == nullptr) {
      if (wanted) violated(who + ": it was not notified");
      continue;
    }
    if (!partner.configuration().services.has(service)) continue;  // it is switched off
    const auto known =
        wire::decode({policy->configuration()->data(), policy->configuration()->size()});
    GroupConfiguration expected = effective;
    expected.services = Services::of(service);
    if (!wanted) {
      violated(who + ": it should have been told that the service is gone");
    } else if (!known || *known != expected) {
      violated(who + ": it knows something else than what is served");
    }
  }
}

}  // namespace bivouac::sim
