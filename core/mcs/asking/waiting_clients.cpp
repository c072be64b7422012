// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/asking/waiting_clients.h"

#include <algorithm>

#include "core/wire/build_affiliation.h"

namespace bivouac::mcs::asking {
namespace {

using engine::ClientAddress;
using engine::DeadlineKind;

/// Nothing is awaited any more about such groups: their status says that it is not settled yet.
void cut_short(Waiting& waiting, Cause cause,
               const std::function<bool(const std::string&)>& about) {
  for (GroupAffiliation& one : waiting.groups) {
    if (one.cause == Cause::none && waiting.awaited.contains(one.group_id) && about(one.group_id))
      one.cause = cause;
  }
  absl::erase_if(waiting.awaited, [&](const auto& entry) { return about(entry.first); });
}

bool about_all(const std::string& /*group_id*/) { return true; }

/// Settled or not: the answer may leave long after what overtook it.
void overtake(Waiting& waiting, const std::string& group_id, Cause cause) {
  for (GroupAffiliation& one : waiting.groups) {
    if (one.group_id != group_id || one.cause == Cause::group_duplicate) continue;
    // Why it was refused before stays; why it was not settled yet does not matter any more.
    if (one.status != AffiliationStatus::rejected) one.cause = cause;
    one.status = AffiliationStatus::rejected;
    one.services = {};
  }
  waiting.awaited.erase(group_id);
}

}  // namespace

bool WaitingClients::waits_too_much(const ClientAddress& client) const {
  const auto its = std::ranges::count_if(
      waiting_, [&](const auto& entry) { return entry.second.client == client; });
  return static_cast<std::size_t>(its) >= limits::affiliation_requests_max;
}

void WaitingClients::answer_when_settled(engine::Context& context, Waiting waiting) {
  const std::uint64_t number = next_++;
  if (waits_too_much(waiting.client)) cut_short(waiting, Cause::overloaded, about_all);
  const bool at_once = waiting.awaited.empty();
  waiting_.emplace(number, std::move(waiting));
  if (at_once) return answer(context, number);
  context.deadlines.set({DeadlineKind::affiliation_answer, number},
                        context.now.mono + DurationMs{limits::exchange_ms});
}

void WaitingClients::answer(engine::Context& context, std::uint64_t number) {
  const auto found = waiting_.find(number);
  const Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  context.deadlines.clear({DeadlineKind::affiliation_answer, number});
  const wire::Address address =
      context.answer_to_client(waiting.client, waiting.exchange, waiting.incarnation);
  context.post.send_to_client(
      waiting.client,
      waiting.leaves ? wire::build_client_group_deaffiliation_response(
                           address, waiting.mc_service_id, waiting.groups, waiting.scope)
                     : wire::build_client_group_affiliation_response(address, waiting.mc_service_id,
                                                                     waiting.groups),
      engine::Priority::control);
  context.step_done(waiting.leaves ? "10.X.4.3/8" : "10.X.3.2.2/9", waiting.groups[0].group_id,
                    waiting.client.mc_service_id);
}

WaitingClients::Heard WaitingClients::settle(engine::Context& context, const ClientAddress& client,
                                             bool left, const GroupAffiliation& group) {
  Heard heard;
  std::vector<std::uint64_t> done;
  for (auto& [number, waiting] : waiting_) {
    if (waiting.leaves != left || !waiting.concerns(client)) continue;
    const auto its = waiting.awaited.find(group.group_id);
    if (its == waiting.awaited.end()) continue;
    heard.any = true;
    heard.another_client = heard.another_client || waiting.client != client;
    for (GroupAffiliation& one : waiting.groups) {
      if (one.group_id == group.group_id && one.cause != Cause::group_duplicate) one = group;
    }
    if (--its->second == 0) waiting.awaited.erase(its);
    if (waiting.awaited.empty()) done.push_back(number);
  }
  for (const std::uint64_t number : done) answer(context, number);
  return heard;
}

void WaitingClients::supersede(engine::Context& context, const ClientAddress& client,
                               const std::string& group_id, bool leaves) {
  std::vector<std::uint64_t> done;
  for (auto& [number, waiting] : waiting_) {
    if (waiting.leaves == leaves || !waiting.concerns(client)) continue;
    const bool was_due = waiting.awaited.empty();
    overtake(waiting, group_id, Cause::superseded);
    if (!was_due && waiting.awaited.empty()) done.push_back(number);
  }
  for (const std::uint64_t number : done) answer(context, number);
}

void WaitingClients::ended(engine::Context& context, std::string_view mc_service_id,
                           const GroupAffiliation& group) {
  for (auto& [number, waiting] : waiting_) {
    if (waiting.leaves || waiting.client.mc_service_id != mc_service_id) continue;
    overtake(waiting, group.group_id, group.cause);
    // Not in this step, which may end many affiliations of many clients.
    if (waiting.awaited.empty())
      context.deadlines.set({DeadlineKind::affiliation_answer, number}, context.now.mono);
  }
}

void WaitingClients::give_up(engine::Context& context, Cause cause,
                             const std::function<bool(const std::string&)>& about) {
  for (auto& [number, waiting] : waiting_) {
    if (waiting.awaited.empty()) continue;  // due already
    cut_short(waiting, cause, about);
    // At once, but not all in this step: many clients may have waited.
    if (waiting.awaited.empty())
      context.deadlines.set({DeadlineKind::affiliation_answer, number}, context.now.mono);
  }
}

void WaitingClients::on_deadline(engine::Context& context, std::uint64_t number) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return;
  cut_short(found->second, Cause::timed_out, about_all);
  answer(context, number);
}

void WaitingClients::on_client_gone(engine::Context& context, const ClientAddress& client) {
  for (auto entry = waiting_.begin(); entry != waiting_.end();) {
    if (entry->second.client != client) {
      ++entry;
      continue;
    }
    context.deadlines.clear({DeadlineKind::affiliation_answer, entry->first});
    entry = waiting_.erase(entry);
  }
}

}  // namespace bivouac::mcs::asking
