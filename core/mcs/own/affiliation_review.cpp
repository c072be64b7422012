// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/own/affiliation_review.h"

#include <algorithm>
#include <utility>

#include "core/engine/user_record.h"
#include "core/mcs/own/affiliation_facts.h"
#include "core/store/record.h"

namespace bivouac::mcs::own {
namespace {

using engine::ClientAddress;
using engine::DeadlineKind;

constexpr std::size_t users_marked_per_slice = 64;
/// One client alone.
constexpr std::size_t groups_left_per_slice = 96;
static_assert(groups_left_per_slice < limits::effects_max / 2);

engine::DeadlineId grace_of(IdentityNumber user, IdentityNumber client) {
  return {DeadlineKind::affiliation_grace, std::uint64_t{user.value} << 32U | client.value};
}

}  // namespace

// ---- What is to be looked at

void AffiliationReview::start(engine::Context& context) {
  for (const auto& [key, value] :
       context.view.scan(store::prefix(store::RecordKind::affiliation))) {
    const IdentityNumber user{key.number_at(4)};
    if (!engine::is_served_here(context, context.identities.text(context.view, user))) continue;
    context.deadlines.set(grace_of(user, {key.number_at(12)}),
                          context.now.mono + DurationMs{limits::affiliation_grace_ms});
  }
  rules_changed(context);
}

void AffiliationReview::rules_changed(const engine::Context& context) {
  all_left_ = true;
  all_after_ = {};
  const bool some = std::ranges::any_of(
      context.configuration.partners,
      [](const engine::Partner& partner) { return !partner.pending_take_part.empty(); });
  tells_pending_ = std::exchange(takes_part_pending_, some) || some;
}

void AffiliationReview::policy_changed(IdentityNumber group) {
  gone_.erase(group);
  for (const IdentityNumber user : affiliations_.users_of(group)) groups_[user].insert(group);
}

void AffiliationReview::user_changed(IdentityNumber user) {
  if (user.is_set()) users_.insert(user);
}

void AffiliationReview::link_came_up() {
  const auto all = gone_;
  for (const auto& [group, cause] : all) {
    if (!says_it_is_gone(cause)) policy_changed(group);
  }
}

/// Another answer, such as no space, says nothing of the group: the next change of it does.
void AffiliationReview::policy_settled(ExchangeId id, Cause cause) {
  const auto found = asked_.find(id);
  if (found == asked_.end()) return;
  const IdentityNumber group = found->second;
  asked_.erase(found);
  if (cause == Cause::unreachable || cause == Cause::timed_out) gone_[group] = cause;
  if (!says_it_is_gone(cause)) return;
  gone_[group] = cause;
  for (const IdentityNumber user : affiliations_.users_of(group)) groups_[user].insert(group);
}

void AffiliationReview::client_came(engine::Context& context, const ClientAddress& client) {
  const IdentityNumber user = context.identities.find(client.mc_service_id);
  const IdentityNumber number = context.identities.find(client.client_id);
  if (user.is_set() && number.is_set()) context.deadlines.clear(grace_of(user, number));
}

void AffiliationReview::client_left(const engine::Context& context, const ClientAddress& client) {
  const IdentityNumber user = context.identities.find(client.mc_service_id);
  const IdentityNumber number = context.identities.find(client.client_id);
  if (user.is_set() && number.is_set())
    leaving_.insert_or_assign({user, number}, AffiliationGround::log_off);
}

void AffiliationReview::client_logs_off(engine::Context& context, const ClientAddress& client) {
  client_left(context, client);
  if (is_leaving(context, client))
    leave(
        context,
        {context.identities.find(client.mc_service_id), context.identities.find(client.client_id)},
        AffiliationGround::log_off);
}

bool AffiliationReview::is_leaving(const engine::Context& context,
                                   const ClientAddress& client) const {
  return leaving_.contains(
      {context.identities.find(client.mc_service_id), context.identities.find(client.client_id)});
}

void AffiliationReview::client_gone(engine::Context& context, const ClientAddress& client) {
  const IdentityNumber user = context.identities.find(client.mc_service_id);
  const IdentityNumber number = context.identities.find(client.client_id);
  const auto all = affiliations_.of_user(context, user);
  if (!number.is_set() || std::ranges::find(all, number, &Affiliation::client) == all.end()) return;
  context.deadlines.set(grace_of(user, number),
                        context.now.mono + DurationMs{limits::affiliation_grace_ms});
}

void AffiliationReview::on_grace_end(const engine::Context& context, std::uint64_t number) {
  const ClientNumber gone{{static_cast<std::uint32_t>(number >> 32U)},
                          {static_cast<std::uint32_t>(number)}};
  const ClientAddress client{std::string(context.identities.text(context.view, gone.first)),
                             std::string(context.identities.text(context.view, gone.second))};
  if (context.log_ons.find(client) == nullptr)
    leaving_.try_emplace(gone, AffiliationGround::grace_end);
}

// ---- Looking at it

bool AffiliationReview::go_on(engine::Context& context) {
  if (!leaving_.empty()) {
    const auto [client, ground] = *leaving_.begin();
    leave(context, client, ground);
    return true;
  }
  if (mark_some(context)) return true;
  if (!users_.empty()) {
    const IdentityNumber user = *users_.begin();
    users_.erase(users_.begin());
    // Without any group too: N2 may be lower than before.
    auto& groups = groups_[user];
    for (const Affiliation& one : affiliations_.of_user(context, user)) groups.insert(one.group);
    return true;
  }
  if (groups_.empty()) {
    // Everybody was judged by it; the group may come back.
    absl::erase_if(gone_, [](const auto& entry) { return says_it_is_gone(entry.second); });
    return false;
  }
  judge_user(context, groups_.begin()->first);
  return true;
}

bool AffiliationReview::mark_some(const engine::Context& context) {
  if (!all_left_) return false;
  const auto users = Affiliations::users_after(context, all_after_, users_marked_per_slice);
  users_.insert(users.begin(), users.end());
  all_left_ = !users.empty();
  if (all_left_) all_after_ = users.back();
  return all_left_;
}

void AffiliationReview::leave(engine::Context& context, const ClientNumber& client,
                              AffiliationGround ground) {
  const std::string user_id(context.identities.text(context.view, client.first));
  UserAffiliations user(context, affiliations_, user_id, {ground});
  std::size_t ended = 0;
  const std::vector<Affiliation> all = user.all();
  for (const Affiliation& one : all) {
    // What its user left may be refused yet; what the system ends may not.
    if (one.client != client.second || one.is_ended_by_us() || ended == groups_left_per_slice)
      continue;
    user.end(one.group, one.client, Cause::not_logged_on);
    ++ended;
  }
  if (ended < groups_left_per_slice) leaving_.erase(client);
  finish(context, user, {});
}

}  // namespace bivouac::mcs::own
