// SPDX-License-Identifier: Apache-2.0
#include "core/gms/partner/group_information_subscribe.h"

#include <algorithm>

#include "core/gms/group_keys.h"
#include "core/gms/group_record.h"
#include "core/gms/partner/cached_group.h"

namespace bivouac::gms::partner {
namespace {

using engine::DeadlineKind;

/// The revision that is stored of a group, if the home's present store gave it; 0: none.
ExposedRevision known_of(const engine::Context& context, std::string_view home,
                         std::string_view group_id) {
  const auto found = find_group(context, group_id);
  if (!found || view_original(*found->record) == nullptr || found->record->orphaned()) return {};
  const store::fb::GroupKeys* keys = view_keys(context, found->number);
  if (keys != nullptr && keys->lost()) return {};  // to be told of them anew
  const bool same = context.post.incarnation_of(home).value == found->record->home_incarnation();
  return same && home_of(context, *found->record) == home
             ? ExposedRevision{found->record->exposed_revision()}
             : ExposedRevision{};
}

void note_fresh(engine::Context& context, std::string_view group_id, std::string_view home,
                ExposedRevision revision) {
  context.effects.note({NoteKind::fresh, "10.2.7.4", std::string(group_id), std::string(home),
                        Cause::none, revision.value});
}

struct Outcome {
  Cause cause = Cause::none;
  ExposedRevision told;
};

/// What the answer says of a group. What it does not name is granted, and known already.
Outcome outcome_of(const wire::fb::GroupInformationSubscribeResponse& response,
                   std::string_view group_id, ExposedRevision known) {
  if (response.group_id()->string_view() == group_id) {
    return {engine::outcome(response.result(), response.cause()), {response.exposed_revision()}};
  }
  if (response.further() == nullptr) return {Cause::none, known};
  for (const auto* one : *response.further()) {
    if (one->group_id()->string_view() != group_id) continue;
    return {engine::outcome(one->result(), one->cause()), {one->exposed_revision()}};
  }
  return {Cause::none, known};
}

}  // namespace

std::size_t GroupInformationSubscribe::on_the_way(std::string_view home) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(requests_, [&](const auto& one) { return one.second.home == home; }));
}

/// Step 1. What it asks for is remembered with it: a notification may come before the answer.
ExchangeId GroupInformationSubscribe::send(engine::Context& context, Request request,
                                           std::uint32_t lease_s) {
  const std::string home = request.home;
  std::ranges::sort(request.groups, {}, &Asked::group_id);
  std::vector<wire::SubscribedGroup> groups;
  for (Asked& asked : request.groups) {
    asked.known = known_of(context, home, asked.group_id);
    groups.push_back({asked.group_id, asked.known});
    under_way_.insert(asked.group);
  }
  const engine::Partner* partner = context.configuration.partner(home);
  const wire::SubscriptionTerms terms{lease_s, partner == nullptr ? 0 : partner->notify_interval_ms,
                                      context.post.incarnation_of(home)};
  const ExchangeId id = context.exchanges.next_id();
  const wire::Address address = context.request_to(home, id, DurationMs{limits::exchange_ms});
  const std::string group_id = groups.front().group_id;
  context.exchanges.expect(home, id);
  context.exchanges.open(id, {home, wire::fb::Body::GroupInformationSubscribeRequest, group_id});
  context.deadlines.set({DeadlineKind::exchange, id.value},
                        context.now.mono + DurationMs{limits::exchange_ms});
  context.post.send(home, wire::build_group_information_subscribe_request(address, groups, terms),
                    engine::Priority::control);
  context.step_done("10.2.7.4/1", group_id, home);
  requests_.emplace(id, std::move(request));
  return id;
}

void GroupInformationSubscribe::on_response(engine::Context& context,
                                            const wire::fb::Envelope& envelope) {
  const auto& response = *envelope.body_as_GroupInformationSubscribeResponse();
  const ExchangeId id{envelope.exchange()};
  const std::string home = envelope.origin()->str();
  const auto found = requests_.find(id);
  if (found == requests_.end() || found->second.home != home ||
      found->second.groups.front().group_id != response.group_id()->string_view()) {
    context.refused(home, response.group_id()->string_view(), Cause::message_unexpected);
    return;
  }
  const Request request = found->second;
  const Outcome first =
      outcome_of(response, request.groups.front().group_id, request.groups.front().known);
  finish(context, id, first.cause, first.told);
  for (const Asked& asked : request.groups) {
    const auto [cause, told] = outcome_of(response, asked.group_id, asked.known);
    if (cause != Cause::none) {
      if (cause == Cause::group_unknown) mark_orphaned(context, asked.group_id);
      fail(context, home, asked, cause);
    } else if (request.aim == Aim::subscribe) {
      grant(context, home, asked, told, response.lease_s());
    } else {
      end(context, asked.group);
    }
  }
}

void GroupInformationSubscribe::finish(engine::Context& context, ExchangeId id, Cause cause,
                                       ExposedRevision revision) {
  const auto found = requests_.find(id);
  for (const Asked& asked : found->second.groups) under_way_.erase(asked.group);
  context.exchanges.close(id);
  context.exchanges.settle(found->second.home, id);
  context.deadlines.clear({DeadlineKind::exchange, id.value});
  requests_.erase(found);
  context.operations.settled(id, cause, revision);
}

void GroupInformationSubscribe::grant(engine::Context& context, std::string_view home,
                                      const Asked& asked, ExposedRevision told,
                                      std::uint32_t lease_s) {
  const ExposedRevision stored = known_of(context, home, asked.group_id);
  const auto before = held_.find(asked.group);
  const bool was_fresh = before != held_.end() && before->second.told <= stored;
  const std::int64_t whole_ms = static_cast<std::int64_t>(lease_s) * 1'000;
  const MonoMs renew =
      context.now.mono + DurationMs{std::max(whole_ms / 2, limits::renewal_min_ms)};
  held_[asked.group] = {std::string(home), renew, context.now.mono + DurationMs{whole_ms}, told};
  failed_.erase(asked.group);
  wake_at(context, home, renew);
  if (!was_fresh && stored.is_set() && told <= stored)
    note_fresh(context, asked.group_id, home, stored);
}

/// The home knows that we do not want to be told any more.
void GroupInformationSubscribe::end(engine::Context& context, IdentityNumber group) {
  held_.erase(group);
  failed_.erase(group);
  auto subscribed = find_subscribed(context, group);
  if (!subscribed) return;
  if (subscribed->wish == Wish::automatic) {
    context.effects.erase(store::subscribed_key(group));
  } else if (subscribed->wish == Wish::unwanted) {
    subscribed->ended = true;
    put_subscribed(context, group, *subscribed);
  }
}

void GroupInformationSubscribe::fail(engine::Context& context, std::string_view home,
                                     const Asked& asked, Cause cause) {
  context.refused(home, asked.group_id, cause);
  held_.erase(asked.group);
  const DurationMs wait{engine::is_passing(cause) ? limits::push_again_passing_ms
                                                  : limits::push_again_ms};
  const MonoMs again = context.now.mono + wait;
  failed_[asked.group] = {std::string(home), cause, again};
  wake_at(context, home, again);
}

void GroupInformationSubscribe::on_failure(engine::Context& context, ExchangeId id, Cause cause) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return;
  const Request request = found->second;
  finish(context, id, cause, {});
  for (const Asked& asked : request.groups) fail(context, request.home, asked, cause);
}

void GroupInformationSubscribe::on_notified(engine::Context& context, std::string_view group_id,
                                            ExposedRevision revision) {
  const auto found = held_.find(context.identities.find(group_id));
  if (found == held_.end()) return;
  const ExposedRevision stored = known_of(context, found->second.home, group_id);
  if (stored < found->second.told && revision >= found->second.told)
    note_fresh(context, group_id, found->second.home, revision);
}

void GroupInformationSubscribe::forget(engine::Context& context, IdentityNumber group) {
  const auto held = held_.find(group);
  const std::string home = held == held_.end() ? std::string() : held->second.home;
  if (held != held_.end()) held_.erase(held);
  const auto subscribed = find_subscribed(context, group);
  if (!subscribed) return;
  const bool is_nameless = context.identities.text(context.view, group).empty();
  if (subscribed->wish == Wish::automatic || is_nameless) {
    context.effects.erase(store::subscribed_key(group));
  } else if (subscribed->wish == Wish::wanted && !home.empty()) {
    // The withdrawal ended it at the home as well; should the group come back, it is asked anew.
    const MonoMs again = context.now.mono + DurationMs{limits::push_again_ms};
    failed_[group] = {home, Cause::withdrawn, again};
    wake_at(context, home, again);
  }
}

bool GroupInformationSubscribe::is_stale(const engine::Context& context, IdentityNumber group,
                                         const store::fb::Group& record) const {
  if (is_out_of_reach(context, record)) return true;
  const Intent intent = intent_of(context, group, context.identities.text(context.view, group));
  if (intent.aim != Aim::subscribe) return false;
  const auto held = held_.find(group);
  return held == held_.end() || record.exposed_revision() < held->second.told.value;
}

DurationMs GroupInformationSubscribe::stale_for(const engine::Context& context,
                                                const store::fb::Group& record) const {
  const auto lost = lost_.find(home_of(context, record));
  if (lost != lost_.end()) return context.now.mono - lost->second;
  const DurationMs run = context.now.mono - context.started;
  const auto stored = static_cast<std::int64_t>(record.stored_wall_ms());
  const DurationMs age{context.now.wall.ms - stored};
  return context.clock_trusted ? std::max(age, run) : run;
}

GroupInformationSubscribe::State GroupInformationSubscribe::state_of(IdentityNumber group) const {
  State state;
  if (const auto held = held_.find(group); held != held_.end()) {
    state.granted = true;
    state.until = held->second.until;
    state.told = held->second.told;
  }
  if (const auto failed = failed_.find(group); failed != failed_.end())
    state.cause = failed->second.cause;
  return state;
}

}  // namespace bivouac::gms::partner
