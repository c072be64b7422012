// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/user_affiliations.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/base/planted.h"
#include "core/wire/build_affiliation.h"

namespace bivouac::mcs {
namespace {

NoteKind kind_of(AffiliationStatus status) {
  switch (status) {
    case AffiliationStatus::affiliated: return NoteKind::affiliated;
    case AffiliationStatus::affiliating: return NoteKind::affiliating;
    case AffiliationStatus::deaffiliating: return NoteKind::deaffiliating;
    case AffiliationStatus::deaffiliated:
    case AffiliationStatus::rejected:
    case AffiliationStatus::not_affiliated: break;  // not stored
  }
  return NoteKind::deaffiliated;
}

std::pair<IdentityNumber, IdentityNumber> place_of(const Affiliation& one) {
  return {one.group, one.client};
}

}  // namespace

UserAffiliations::UserAffiliations(engine::Context& context, Affiliations& all,
                                   std::string_view mc_service_id, ChangeMade made)
    : context_(context),
      affiliations_(all),
      mc_service_id_(mc_service_id),
      user_(context.identities.find(mc_service_id)),
      ground_(made.ground),
      by_(made.by),
      held_(all.of_user(context, user_)) {}

const Affiliation* UserAffiliations::find(IdentityNumber group, IdentityNumber client) const {
  const auto found = std::ranges::lower_bound(held_, std::pair{group, client}, {},
                                              [](const Affiliation& one) { return place_of(one); });
  return found != held_.end() && place_of(*found) == std::pair{group, client} ? &*found : nullptr;
}

bool UserAffiliations::is_wanted(IdentityNumber group) const {
  return std::ranges::any_of(
      held_, [&](const Affiliation& one) { return one.group == group && one.is_wanted(); });
}

bool UserAffiliations::is_any_affiliating() const {
  return std::ranges::contains(held_, AffiliationStatus::affiliating, &Affiliation::status);
}

std::size_t UserAffiliations::clients_of(IdentityNumber group) const {
  return static_cast<std::size_t>(std::ranges::count(held_, group, &Affiliation::group));
}

std::size_t UserAffiliations::groups_counted() const {
  std::size_t counted = 0;
  IdentityNumber before;
  for (const Affiliation& one : held_) {
    if (!one.is_wanted() || one.group == before) continue;
    if (is_planted(Planted::pending_not_counted) && one.is_pending()) continue;
    ++counted;
    before = one.group;
  }
  return counted;
}

void UserAffiliations::put(Affiliation affiliation, IdentityNumber changed_by) {
  BIVOUAC_ASSERT(user_.is_set() && affiliation.group.is_set());
  const auto at = std::ranges::lower_bound(held_, place_of(affiliation), {},
                                           [](const Affiliation& one) { return place_of(one); });
  const bool known = at != held_.end() && place_of(*at) == place_of(affiliation);
  affiliation.changed_by = known ? at->changed_by : changed_by;
  affiliation.changed_wall_ms = known ? at->changed_wall_ms : 0;
  if (known && *at == affiliation) return;
  begin_change();
  affiliation.changed_by = changed_by;
  affiliation.changed_wall_ms = static_cast<std::uint64_t>(context_.now.wall.ms);
  affiliations_.put(context_, user_, affiliation);
  note(kind_of(affiliation.status), affiliation, affiliation.cause);
  if (known) {
    *at = affiliation;
  } else {
    held_.insert(at, affiliation);
  }
}

void UserAffiliations::erase(IdentityNumber group, IdentityNumber client, Cause cause) {
  const Affiliation* found = find(group, client);
  if (found == nullptr) return;
  begin_change();
  affiliations_.erase(context_, user_, *found);
  note(NoteKind::deaffiliated, *found, cause);
  causes_[group] = cause;
  held_.erase(held_.begin() + (found - held_.data()));
}

void UserAffiliations::begin_change() {
  if (!changed_) before_ = covered();
  changed_ = true;
}

void UserAffiliations::end(IdentityNumber group, IdentityNumber client, Cause cause) {
  const Affiliation* found = find(group, client);
  if (found == nullptr) return;
  if (is_home_here(group) || is_planted(Planted::deaffiliating_forgotten))
    return erase(group, client, cause);
  Affiliation ending = *found;
  ending.status = AffiliationStatus::deaffiliating;
  ending.cause = cause;
  put(ending, ending.changed_by);
}

/// One line of the audit.
void UserAffiliations::note(NoteKind kind, const Affiliation& one, Cause cause) const {
  context_.effects.note({kind,
                         {},
                         mc_service_id_,
                         std::string(context_.identities.text(context_.view, one.group)),
                         cause,
                         one.services.bits,
                         std::string(context_.identities.text(context_.view, one.client)),
                         by_,
                         name(ground_)});
}

bool UserAffiliations::is_home_here(IdentityNumber group) const {
  const std::string_view group_id = context_.identities.text(context_.view, group);
  return context_.configuration.home_of_group(group_id) == nullptr;
}

UserAffiliations::Covered UserAffiliations::covered() const {
  Covered services;
  for (const Affiliation& one : held_) {
    if (one.status != AffiliationStatus::affiliated || !is_home_here(one.group)) continue;
    Services& its = services[one.group];
    its = its | one.services;
  }
  return services;
}

void UserAffiliations::tell(const UpdateSteps& steps) const {
  const Covered after = covered();
  std::vector<GroupAffiliation> affiliated;
  std::vector<GroupAffiliation> deaffiliated;
  const auto add = [&](std::vector<GroupAffiliation>& list, IdentityNumber group,
                       AffiliationStatus status, Cause cause, Services services) {
    const std::string_view group_id = context_.identities.text(context_.view, group);
    // A salvaged store may have lost a name: nobody can be told of what has none.
    if (!group_id.empty()) list.push_back({std::string(group_id), status, cause, services, {}});
  };
  for (const auto& [group, services] : after) {
    const auto known = before_.find(group);
    if (known == before_.end() || known->second != services)
      add(affiliated, group, AffiliationStatus::affiliated, Cause::none, services);
  }
  for (const auto& [group, services] : before_) {
    if (after.contains(group)) continue;
    const auto cause = causes_.find(group);
    add(deaffiliated, group, AffiliationStatus::deaffiliated,
        cause == causes_.end() ? Cause::none : cause->second, {});
  }
  if (mc_service_id_.empty()) return;
  send(steps.affiliated, AffiliationStatus::affiliated, affiliated);
  if (is_planted(Planted::status_update_forgotten)) return;
  send(steps.deaffiliated, AffiliationStatus::deaffiliated, deaffiliated);
}

/// Both servers are in one batch: a message between them is neither lost nor answered (F8).
void UserAffiliations::send(std::string_view step, AffiliationStatus status,
                            const std::vector<GroupAffiliation>& groups) const {
  for (std::size_t at = 0; at < groups.size(); at += limits::affiliation_groups_max) {
    const std::size_t count = std::min(limits::affiliation_groups_max, groups.size() - at);
    const auto part = std::span(groups).subspan(at, count);
    const wire::Address address = context_.request_to(context_.self(), context_.exchanges.next_id(),
                                                      DurationMs{limits::exchange_ms});
    const bool affiliated = status == AffiliationStatus::affiliated;
    context_.post.send(
        context_.self(),
        affiliated ? wire::build_group_affiliation_status_update(address, mc_service_id_, part)
                   : wire::build_group_deaffiliation_status_update(address, mc_service_id_, part),
        engine::Priority::control);
    context_.step_done(step, part[0].group_id, mc_service_id_);
  }
}

}  // namespace bivouac::mcs
