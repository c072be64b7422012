// SPDX-License-Identifier: Apache-2.0
#include "core/gms/partner/group_configuration_request.h"

#include "core/gms/group_record.h"
#include "core/gms/partner/cached_group.h"
#include "core/gms/partner/pull_decision.h"

namespace bivouac::gms::partner {
namespace {

using engine::DeadlineKind;

}  // namespace

void GroupConfigurationRequest::on_get(engine::Context& context,
                                       const wire::fb::Envelope& envelope) {
  const auto& request = *envelope.body_as_GetGroupConfigurationRequest();
  const std::string group_id = request.group_id()->str();
  const Waiter waiter{{envelope.exchange()},
                      {static_cast<std::uint8_t>(request.services_requested())}};

  PullFacts facts;
  facts.refresh = request.refresh();
  std::string home;
  const engine::Partner* named = context.configuration.home_of_group(group_id);
  if (const auto found = find_group(context, group_id)) {
    facts.stored = view_original(*found->record) != nullptr;
    facts.home_here = is_home_here(context, *found->record);
    home = home_of(context, *found->record);
    facts.home_moved = named != nullptr && named->system_id != home;
  } else if (named != nullptr) {
    home = named->system_id;
  }
  facts.home_known = !home.empty();
  facts.home_reachable = facts.home_known && context.post.is_reachable(home);
  facts.known_unknown = is_unknown(context, group_id);
  const auto running = by_group_.find(group_id);
  facts.on_the_way = running != by_group_.end();
  facts.too_many = facts.on_the_way
                       ? pulls_.at(running->second).waiters.size() >= limits::pull_waiters_max
                       : pulls_.size() >= limits::pulls_max;
  context.step_done("10.2.7.3/1", group_id, context.self());

  const PullDecision decision = decide(facts);
  switch (decision.way) {
    case Way::ask_home:
      if (facts.on_the_way) {
        pulls_.at(running->second).waiters.push_back(waiter);
      } else {
        begin(context, home, group_id, {waiter});
      }
      return;
    case Way::answer_stored:
    case Way::refuse:
      if (decision.cause != Cause::none) context.refused(context.self(), group_id, decision.cause);
      answer(context, waiter, group_id, decision.cause);
      return;
  }
}

void GroupConfigurationRequest::begin(engine::Context& context, std::string_view home,
                                      std::string_view group_id, std::vector<Waiter> waiters) {
  const ExchangeId id = context.exchanges.next_id();
  ExposedRevision known;
  if (const auto found = find_group(context, group_id)) {
    // A revision means something only to the store that gave it.
    const bool same = context.post.incarnation_of(home).value == found->record->home_incarnation();
    const bool lost = view_original(*found->record) == nullptr;
    if (same && !lost && !found->record->orphaned()) known = {found->record->exposed_revision()};
  }
  const wire::Address address = context.request_to(home, id, DurationMs{limits::exchange_ms});
  context.exchanges.expect(home, id);
  context.exchanges.open(
      id, {std::string(home), wire::fb::Body::GroupConfigurationRequest, std::string(group_id)});
  context.deadlines.set({DeadlineKind::exchange, id.value},
                        context.now.mono + DurationMs{limits::exchange_ms});
  context.post.send(home,
                    wire::build_group_configuration_request(address, group_id, Services{}, known),
                    engine::Priority::control);
  context.step_done("10.2.7.3/2", group_id, home);
  by_group_[std::string(group_id)] = id;
  pulls_[id] = {std::string(group_id), std::string(home), known, std::move(waiters)};
}

bool GroupConfigurationRequest::refresh(engine::Context& context, std::string_view home,
                                        std::string_view group_id) {
  if (by_group_.contains(group_id)) return true;
  if (pulls_.size() >= limits::pulls_max || !context.post.is_reachable(home)) return false;
  begin(context, home, group_id, {});
  return true;
}

Cause GroupConfigurationRequest::pull_for_client(engine::Context& context,
                                                 std::string_view group_id) {
  if (by_group_.contains(group_id)) return Cause::none;
  const engine::Partner* home = context.configuration.home_of_group(group_id);
  if (home == nullptr || is_unknown(context, group_id)) return Cause::group_unknown;
  if (!context.post.is_reachable(home->system_id)) return Cause::unreachable;
  return refresh(context, home->system_id, group_id) ? Cause::none : Cause::overloaded;
}

bool GroupConfigurationRequest::may_come(const engine::Context& context,
                                         std::string_view group_id) const {
  if (is_on_the_way(group_id) || find_group(context, group_id)) return true;
  if (withdrawals_.has(group_id, context.now.mono)) return false;
  const Cause why = why_missing(context, group_id);
  return why == Cause::unreachable || engine::is_passing(why);
}

Cause GroupConfigurationRequest::why_missing(const engine::Context& context,
                                             std::string_view group_id) const {
  const auto found = why_.find(group_id);
  if (found != why_.end()) return found->second;
  return context.configuration.home_of_group(group_id) == nullptr ? Cause::group_unknown
                                                                  : Cause::unreachable;
}

void GroupConfigurationRequest::on_response(engine::Context& context,
                                            const wire::fb::Envelope& envelope) {
  const auto& response = *envelope.body_as_GroupConfigurationResponse();
  const ExchangeId id{envelope.exchange()};
  const auto pull = pulls_.find(id);
  const std::string system_id = envelope.origin()->str();
  if (pull == pulls_.end() || pull->second.home != system_id ||
      pull->second.group_id != response.group_id()->string_view()) {
    context.refused(system_id, response.group_id()->string_view(), Cause::message_unexpected);
    return;
  }
  const std::string group_id = pull->second.group_id;
  const Cause cause = engine::outcome(response.result(), response.cause());
  if (cause != Cause::none) {
    if (cause == Cause::group_unknown) {
      if (unknown_.size() >= limits::unknown_groups_max) unknown_.clear();
      unknown_[group_id] = context.now.mono + DurationMs{limits::unknown_group_ms};
      mark_orphaned(context, group_id);
    }
    on_failure(context, id, cause);
    return;
  }
  unknown_.erase(group_id);
  if (response.configuration() == nullptr) {  // what is stored is the newest, if we told it so
    const ExposedRevision known = pull->second.known;
    if (!known.is_set() || known.value != response.exposed_revision()) {
      on_failure(context, id, Cause::field_missing);
    } else {
      finish(context, id, Cause::none, nullptr);
    }
    return;
  }
  const Received received{system_id,
                          group_id,
                          context.post.incarnation_of(system_id),
                          {response.exposed_revision()},
                          response.configuration()};
  Judgement judgement = judge(context, withdrawals_, received);
  if (judgement.cause == Cause::none && judgement.changes) {
    judgement.cause = keep(context, received, "10.2.7.3");
  }
  if (judgement.cause != Cause::none) {
    context.refused(system_id, group_id, judgement.cause);
    finish(context, id, judgement.cause, nullptr);
    return;
  }
  const GroupConfiguration fresh = modified(context, system_id, *response.configuration());
  finish(context, id, Cause::none, &fresh);
}

void GroupConfigurationRequest::finish(engine::Context& context, ExchangeId id, Cause cause,
                                       const GroupConfiguration* fresh) {
  const auto found = pulls_.find(id);
  if (found == pulls_.end()) return;
  const Pull pull = std::move(found->second);
  pulls_.erase(found);
  by_group_.erase(pull.group_id);
  context.exchanges.close(id);
  context.exchanges.settle(pull.home, id);
  context.deadlines.clear({DeadlineKind::exchange, id.value});
  if (cause == Cause::none) {
    why_.erase(pull.group_id);
  } else {
    if (why_.size() >= limits::unknown_groups_max) why_.clear();
    why_[pull.group_id] = cause;
  }
  if (cause != Cause::none && pull.waiters.empty()) {
    const MonoMs again =
        context.now.mono + DurationMs{engine::is_passing(cause) ? limits::push_again_passing_ms
                                                                : limits::push_again_ms};
    failed_[pull.group_id] = {pull.home, again};
    context.deadlines.set({DeadlineKind::work, 1}, again);
  } else if (cause == Cause::none) {
    failed_.erase(pull.group_id);
  }
  // Our overlay may leave no service of it: it is kept, and served to nobody.
  const bool servable = fresh != nullptr && !fresh->services.empty();
  if (fresh != nullptr && !servable) cause = Cause::service_unknown;
  // What is stored is served as if the home had been out of reach from the start (decision 12).
  const bool is_cut = cause == Cause::unreachable || cause == Cause::timed_out;
  for (const Waiter& waiter : pull.waiters) {
    if (servable) {
      // Step 6 for the MC service server that asked; the others were notified by `keep`.
      const wire::Address address = context.answer_to_self(waiter.exchange);
      context.post.send(context.self(),
                        wire::build_get_group_configuration_response(address, pull.group_id,
                                                                     Cause::none, fresh, 0),
                        engine::Priority::control);
    } else if (is_cut && find_group(context, pull.group_id)) {
      answer(context, waiter, pull.group_id, Cause::none, Asked::in_vain);
    } else {
      answer(context, waiter, pull.group_id, cause);
    }
  }
}

void GroupConfigurationRequest::answer(engine::Context& context, const Waiter& waiter,
                                       std::string_view group_id, Cause cause, Asked asked) {
  const auto found = find_group(context, group_id);
  std::optional<GroupConfiguration> configuration;
  std::uint64_t stale_since_ms = 0;
  if (cause == Cause::none && found) {
    configuration = find_effective(*found->record);
    const bool stale =
        asked == Asked::in_vain || subscriptions_.is_stale(context, found->number, *found->record);
    if (stale && !is_home_here(context, *found->record)) {
      const DurationMs stale_for = subscriptions_.stale_for(context, *found->record);
      stale_since_ms = static_cast<std::uint64_t>(context.now.wall.ms - stale_for.ms);
    }
  }
  if (cause == Cause::none && !configuration) cause = Cause::group_unknown;
  if (cause == Cause::none && configuration->services.empty()) cause = Cause::service_unknown;
  context.post.send(context.self(),
                    wire::build_get_group_configuration_response(
                        context.answer_to_self(waiter.exchange), group_id, cause,
                        cause == Cause::none ? &*configuration : nullptr, stale_since_ms),
                    engine::Priority::control);
}

void GroupConfigurationRequest::on_failure(engine::Context& context, ExchangeId id, Cause cause) {
  const auto pull = pulls_.find(id);
  if (pull == pulls_.end()) return;
  context.refused(pull->second.home, pull->second.group_id, cause);
  finish(context, id, cause, nullptr);
}

void GroupConfigurationRequest::on_link_down(engine::Context& context, std::string_view system_id) {
  std::vector<ExchangeId> cut;
  for (const auto& [id, pull] : pulls_) {
    if (pull.home == system_id) cut.push_back(id);
  }
  for (const ExchangeId id : cut) finish(context, id, Cause::unreachable, nullptr);
  absl::erase_if(failed_, [&](const auto& entry) { return entry.second.home == system_id; });
}

bool GroupConfigurationRequest::has_failed(const engine::Context& context,
                                           std::string_view group_id) const {
  const auto found = failed_.find(group_id);
  return found != failed_.end() && context.now.mono < found->second.until;
}

bool GroupConfigurationRequest::is_unknown(const engine::Context& context,
                                           std::string_view group_id) const {
  const auto found = unknown_.find(group_id);
  return found != unknown_.end() && context.now.mono < found->second;
}

std::size_t GroupConfigurationRequest::on_the_way(std::string_view home) const {
  std::size_t count = 0;
  for (const auto& [id, pull] : pulls_) count += pull.home == home ? 1U : 0U;
  return count;
}

}  // namespace bivouac::gms::partner
