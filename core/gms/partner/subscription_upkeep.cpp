// SPDX-License-Identifier: Apache-2.0
// When 10.2.7.4 begins: an operator's wish, a group that was stored, a link that came up, half of a
// lease. What was begun goes on in group_information_subscribe.cpp.
#include <algorithm>

#include "core/base/identity.h"
#include "core/gms/group_record.h"
#include "core/gms/partner/group_information_subscribe.h"

namespace bivouac::gms::partner {
namespace {

using engine::DeadlineKind;

constexpr std::size_t groups_per_slice = 64;

struct WishFacts {
  bool ends = false;
  bool home_here = false;
  bool home_known = false;
  bool known_here = false;  // cached, or wished for before
  bool in_range = true;
  bool remembered = false;
  bool full = false;
  bool space_low = false;
};

Cause decide(const WishFacts& facts) {
  if (facts.home_here) return Cause::home_mismatch;
  if (!facts.home_known || (facts.ends && !facts.known_here)) return Cause::group_unknown;
  if (!facts.in_range) return Cause::value_out_of_range;
  if (!facts.remembered && facts.full) return Cause::subscription_limit;
  if (!facts.remembered && facts.space_low) return Cause::storage_full;
  return Cause::none;
}

struct Wished {
  std::string home;
  std::optional<Subscribed> before;
};

Result<Wished> judge_wish(const engine::Context& context, std::string_view group_id, bool ends,
                          std::uint32_t lease_s) {
  Wished wished;
  WishFacts facts;
  facts.ends = ends;
  const auto found = find_group(context, group_id);
  wished.before = find_subscribed(context, context.identities.find(group_id));
  if (found) {
    facts.home_here = is_home_here(context, *found->record);
    wished.home = home_of(context, *found->record);
  } else if (const auto* named = context.configuration.home_of_group(group_id)) {
    wished.home = named->system_id;
  } else if (wished.before) {
    wished.home = context.identities.text(context.view, wished.before->home);
  }
  facts.home_known = context.configuration.partner(wished.home) != nullptr;
  facts.known_here = found.has_value() || wished.before.has_value();
  facts.remembered = wished.before.has_value();
  facts.in_range =
      lease_s == 0 || (lease_s >= limits::lease_min_s && lease_s <= limits::lease_max_s);
  facts.full = count_subscribed(context) >= limits::wishes_max;
  facts.space_low = context.space_low;
  if (const Cause cause = decide(facts); cause != Cause::none) return refuse(cause);
  return wished;
}

/// Groups of this home that are served here.
std::size_t count_cached(const engine::Context& context, std::string_view home) {
  const IdentityNumber system = context.identities.find(home);
  const auto groups = context.view.scan(store::prefix(store::RecordKind::group));
  return static_cast<std::size_t>(std::ranges::count_if(groups, [&](const auto& entry) {
    return store::get<store::fb::Group>(entry.second).home_system() == system.value;
  }));
}

}  // namespace

Result<GroupInformationSubscribe::Begun> GroupInformationSubscribe::subscribe(
    engine::Context& context, std::string_view group_id, std::uint32_t lease_s) {
  const auto wished = judge_wish(context, group_id, false, lease_s);
  if (!wished) return refuse(wished.error());
  const auto group = context.identities.intern(context.effects, group_id);
  if (!group) return refuse(group.error());
  const auto home = context.identities.intern(context.effects, wished->home);
  if (!home) return refuse(home.error());
  put_subscribed(context, *group, {*home, Wish::wanted, lease_s, false});
  failed_.erase(*group);
  if (!context.post.is_reachable(wished->home) || under_way_.contains(*group))
    return Begun{wished->home, {}};
  const std::uint32_t configured = context.configuration.partner(wished->home)->lease_s;
  const Request request{wished->home, Aim::subscribe, {{*group, std::string(group_id), {}}}};
  return Begun{wished->home, send(context, request, lease_s != 0 ? lease_s : configured)};
}

Result<GroupInformationSubscribe::Begun> GroupInformationSubscribe::unsubscribe(
    engine::Context& context, std::string_view group_id) {
  const auto wished = judge_wish(context, group_id, true, 0);
  if (!wished) return refuse(wished.error());
  const auto group = context.identities.intern(context.effects, group_id);
  if (!group) return refuse(group.error());
  const auto home = context.identities.intern(context.effects, wished->home);
  if (!home) return refuse(home.error());
  put_subscribed(context, *group, {*home, Wish::unwanted, 0, false});
  held_.erase(*group);
  failed_.erase(*group);
  if (!context.post.is_reachable(wished->home) || under_way_.contains(*group))
    return Begun{wished->home, {}};
  const Request request{wished->home, Aim::unsubscribe, {{*group, std::string(group_id), {}}}};
  return Begun{wished->home, send(context, request, 0)};
}

void GroupInformationSubscribe::look_at(const engine::Context& context, std::string_view home,
                                        std::string_view group_id) {
  const engine::Partner* partner = context.configuration.partner(home);
  const IdentityNumber group = context.identities.find(group_id);
  if (partner == nullptr || !group.is_set()) return;
  // What this step stored is seen by the next one, which decides.
  if (matches_any(partner->subscribe_to, group_id) || find_subscribed(context, group))
    due_[std::string(home)].insert(group);
}

void GroupInformationSubscribe::on_link_up(engine::Context&, std::string_view home) {
  reached_.emplace(home);
  sweeps_[std::string(home)] = {};
}

void GroupInformationSubscribe::on_link_down(engine::Context& context, std::string_view home) {
  const bool was_reached = reached_.erase(std::string(home)) != 0;
  if (was_reached) lost_[std::string(home)] = context.now.mono;
  std::vector<ExchangeId> cut;
  for (const auto& [id, request] : requests_) {
    if (request.home == home) cut.push_back(id);
  }
  for (const ExchangeId id : cut) finish(context, id, Cause::unreachable, {});
  absl::erase_if(held_, [&](const auto& one) { return one.second.home == home; });
  absl::erase_if(failed_, [&](const auto& one) { return one.second.home == home; });
  due_.erase(home);
  sweeps_.erase(home);
  wakes_.erase(home);
  context.deadlines.clear({DeadlineKind::renewal, context.identities.find(home).value});
  if (const std::size_t cached = was_reached ? count_cached(context, home) : 0; cached != 0) {
    context.effects.note(
        {NoteKind::stale, "10.2.7.4", std::string(home), {}, Cause::unreachable, cached});
  }
}

void GroupInformationSubscribe::on_reload(engine::Context& context) {
  for (const engine::Partner& partner : context.configuration.partners) {
    if (context.post.is_reachable(partner.system_id)) sweeps_[partner.system_id] = {};
  }
}

void GroupInformationSubscribe::on_renewal(engine::Context& context, IdentityNumber home) {
  const std::string system_id(context.identities.text(context.view, home));
  wakes_.erase(system_id);
  if (context.post.is_reachable(system_id)) sweeps_[system_id] = {};
}

void GroupInformationSubscribe::wake_at(engine::Context& context, std::string_view home,
                                        MonoMs at) {
  MonoMs& next = wakes_.try_emplace(std::string(home), MonoMs::never()).first->second;
  if (next <= at) return;
  next = at;
  context.deadlines.set({DeadlineKind::renewal, context.identities.find(home).value}, at);
}

bool GroupInformationSubscribe::is_due(const engine::Context& context, IdentityNumber group,
                                       Aim aim) const {
  if (aim == Aim::nothing || under_way_.contains(group)) return false;
  const auto failed = failed_.find(group);
  if (failed != failed_.end() && failed->second.again > context.now.mono) return false;
  const auto held = held_.find(group);
  return aim != Aim::subscribe || held == held_.end() || held->second.renew <= context.now.mono;
}

bool GroupInformationSubscribe::go_on(engine::Context& context) {
  for (auto entry = due_.begin(); entry != due_.end(); ++entry) {
    const std::string home = entry->first;
    if (!context.post.is_reachable(home)) {
      due_.erase(entry);  // the next link looks at everything
      return true;
    }
    if (on_the_way(home) >= limits::subscribes_in_flight_max) continue;  // an answer wakes us
    send_next(context, home, entry->second);
    if (entry->second.empty()) due_.erase(entry);
    return true;
  }
  if (sweeps_.empty()) return false;
  const auto entry = sweeps_.begin();
  if (!sweep_some(context, entry->first, entry->second)) sweeps_.erase(entry);
  return true;
}

/// One message for as many groups as want the same.
void GroupInformationSubscribe::send_next(engine::Context& context, std::string_view home,
                                          Groups& due) {
  Request request{std::string(home), Aim::nothing, {}};
  std::uint32_t lease_s = 0;
  for (auto entry = due.begin(); entry != due.end();) {
    if (request.groups.size() == limits::subscribe_groups_max) break;
    const IdentityNumber group = *entry;
    const std::string group_id(context.identities.text(context.view, group));
    const Intent intent = intent_of(context, group, group_id);
    const bool fits =
        request.groups.empty() || (intent.aim == request.aim && intent.lease_s == lease_s);
    if (intent.home == home && intent.aim == Aim::forget) {
      forget(context, group);
    } else if (intent.home == home && is_due(context, group, intent.aim)) {
      if (!fits) {
        ++entry;
        continue;
      }
      const auto before = find_subscribed(context, group);
      if (before || !context.space_low) {
        request.aim = intent.aim;
        lease_s = intent.lease_s;
        request.groups.push_back({group, group_id, {}});
        const IdentityNumber number = context.identities.find(home);
        Subscribed next = before.value_or(Subscribed{});
        next.home = number;
        put_subscribed(context, group, next);
      } else {
        fail(context, home, {group, group_id, {}}, Cause::storage_full);
      }
    }
    entry = due.erase(entry);
  }
  if (!request.groups.empty()) send(context, std::move(request), lease_s);
}

/// False when everything was looked at.
bool GroupInformationSubscribe::sweep_some(engine::Context& context, const std::string& home,
                                           Sweep& sweep) {
  const auto kind = sweep.at_wishes ? store::RecordKind::subscribed : store::RecordKind::group;
  const store::Key after =
      sweep.at_wishes ? store::subscribed_key(sweep.after) : store::group_key(sweep.after);
  std::size_t seen = 0;
  for (const auto& [key, value] : context.view.scan_after(store::prefix(kind), after)) {
    if (++seen > groups_per_slice) return true;
    sweep.after = {key.number_at(4)};
    sweep_one(context, home, sweep.after);
  }
  if (sweep.at_wishes) return false;
  sweep = {true, {}};
  return true;
}

void GroupInformationSubscribe::sweep_one(engine::Context& context, std::string_view home,
                                          IdentityNumber group) {
  const Intent intent = intent_of(context, group, context.identities.text(context.view, group));
  if (intent.aim == Aim::nothing || intent.home != home) return;
  if (under_way_.contains(group)) return;  // its answer says when to look again
  if (is_due(context, group, intent.aim)) {
    due_[std::string(home)].insert(group);
    return;
  }
  if (const auto failed = failed_.find(group); failed != failed_.end())
    wake_at(context, home, failed->second.again);
  if (const auto held = held_.find(group); held != held_.end() && intent.aim == Aim::subscribe)
    wake_at(context, home, held->second.renew);
}

bool GroupInformationSubscribe::is_coming(const engine::Context& context, IdentityNumber group,
                                          std::string_view group_id) const {
  const Intent intent = intent_of(context, group, group_id);
  return intent.aim == Aim::subscribe && context.post.is_reachable(intent.home) &&
         !failed_.contains(group);
}

}  // namespace bivouac::gms::partner
