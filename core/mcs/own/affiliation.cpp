// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/own/affiliation.h"

#include <algorithm>

#include "core/base/planted.h"
#include "core/engine/user_record.h"
#include "core/mcs/own/affiliation_facts.h"
#include "core/mcs/own/taking_part.h"
#include "core/wire/affiliation_codec.h"
#include "core/wire/build_affiliation.h"

namespace bivouac::mcs::own {
namespace {

using engine::ClientAddress;
using Request = AffiliationProcedure::Request;

/// What the rules do not know of one group.
void gather_held(const engine::Context& context, const Request& request,
                 const UserAffiliations& user, const std::string& group_id,
                 AffiliationFacts& facts) {
  if (const auto missing = request.missing.find(group_id); missing != request.missing.end())
    facts.missing = missing->second;
  facts.left_since = request.left.contains(group_id);
  const IdentityNumber group = context.identities.find(group_id);
  if (!group.is_set()) return;
  const IdentityNumber client = context.identities.find(request.client.client_id);
  const Affiliation* held = client.is_set() ? user.find(group, client) : nullptr;
  facts.held = held != nullptr && held->status == AffiliationStatus::affiliated;
  facts.counted = user.is_wanted(group);
  facts.too_many_clients =
      held == nullptr && user.clients_of(group) >= limits::affiliation_clients_max;
}

AffiliatingFacts gather_asker(const engine::Context& context, const Request& request,
                              const Affiliations& affiliations, const UserAffiliations& user) {
  AffiliatingFacts asker;
  asker.for_itself = request.mc_service_id == request.client.mc_service_id;
  asker.groups_counted = user.groups_counted();
  const std::size_t free = limits::affiliations_max - affiliations.count();
  asker.places = std::min(free, limits::affiliations_per_user_max - user.all().size());
  asker.space_low = context.space_low;
  return asker;
}

/// Step 4. Refused: identity_limit.
Cause store(engine::Context& context, UserAffiliations& user, const Request& request,
            const std::string& group_id, Services services) {
  const auto group = context.identities.intern(context.effects, group_id);
  if (!group) return group.error();
  const auto client = context.identities.intern(context.effects, request.client.client_id);
  if (!client) return client.error();
  Affiliation wanted;
  if (const Affiliation* held = user.find(*group, *client)) wanted = *held;
  wanted.group = *group;
  wanted.client = *client;
  wanted.cause = Cause::none;
  if (is_own_group(context, group_id)) {
    wanted.status = AffiliationStatus::affiliated;
    wanted.services = services;
  } else if (user.find(*group, *client) == nullptr || !wanted.is_wanted()) {
    wanted.status = AffiliationStatus::affiliating;  // 10.X.3.2.2: its home has the last word
    wanted.services = {};
  }
  wanted.sources = wanted.sources | (request.is_implicit() ? by_profile : by_user);
  user.put(wanted, user.number());
  return Cause::none;
}

/// What the client is told of a group that was granted. One whose home is out of reach is pending,
/// and said to be so at once (D8).
GroupAffiliation as_stored(const engine::Context& context, const UserAffiliations& user,
                           const Request& request, const std::string& group_id) {
  const Affiliation& held = *user.find(context.identities.find(group_id),
                                       context.identities.find(request.client.client_id));
  GroupAffiliation told{group_id,
                        held.status,
                        Cause::none,
                        taken_part_in(context, request.client.mc_service_id, held),
                        {}};
  if (held.is_pending() && is_planted(Planted::pending_confirmed))
    return {group_id, AffiliationStatus::affiliated, Cause::none, Services::of(Service::mcptt), {}};
  if (held.is_pending() && !asking::PartnerAffiliation::is_reachable(context, group_id))
    told.cause = Cause::unreachable;
  return told;
}

/// Step 5a.
void answer(engine::Context& context, const Request& request,
            const std::vector<GroupAffiliation>& groups) {
  context.post.send_to_client(
      request.client,
      wire::build_client_group_affiliation_response(
          context.answer_to_client(request.client, request.exchange, request.incarnation),
          request.mc_service_id, groups),
      engine::Priority::control);
  context.step_done("10.X.3.1/5a", groups[0].group_id, request.client.mc_service_id);
}

/// The whole list, as nothing of it can be done now.
void refuse_all(engine::Context& context, Affiliations& affiliations, const Request& request,
                Cause cause) {
  std::vector<GroupAffiliation> groups;
  for (const std::string& group_id : request.group_ids) {
    affiliations.refused(context, request.client.mc_service_id, group_id, cause);
    groups.push_back({group_id, AffiliationStatus::rejected, cause, {}, {}});
  }
  if (!request.is_implicit()) answer(context, request, groups);
}

}  // namespace

bool AffiliationProcedure::waits_too_much(const ClientAddress& client) const {
  const auto its = std::ranges::count_if(
      waiting_, [&](const Request& one) { return one.client == client && !one.is_implicit(); });
  return static_cast<std::size_t>(its) >= limits::affiliation_requests_max;
}

void AffiliationProcedure::on_request(engine::Context& context, const wire::fb::Envelope& envelope,
                                      bool leaving) {
  const auto& message = *envelope.body_as_ClientGroupAffiliationRequest();
  Request request;
  request.client = engine::client_of(envelope);
  request.exchange = {envelope.exchange()};
  request.incarnation = {envelope.origin_incarnation()};
  request.mc_service_id = message.mc_service_id()->str();
  request.group_ids = wire::unpack(message.group_ids());
  context.step_done(is_own_group(context, request.group_ids[0]) ? "10.X.3.1/1" : "10.X.3.2.2/1",
                    request.group_ids[0], request.client.mc_service_id);
  if (leaving || waits_too_much(request.client))
    return refuse_all(context, affiliations_, request, Cause::overloaded);
  Rules rules = gather(context, request);
  if (request.mc_service_id == request.client.mc_service_id)
    ask_for_policies(context, request, rules);
  if (request.awaited.empty()) return settle(context, request, std::move(rules));
  waiting_.push_back(std::move(request));
}

AffiliationProcedure::Rules AffiliationProcedure::gather(const engine::Context& context,
                                                         const Request& request) {
  Rules rules;
  rules.profile = engine::find_user(context, request.client.mc_service_id);
  if (rules.profile == nullptr) return rules;
  rules.groups.reserve(request.group_ids.size());
  for (const std::string& group_id : request.group_ids)
    rules.groups.push_back(gather_rules(context, judged_user(*rules.profile), group_id));
  return rules;
}

/// Step 2a, of the groups that need it.
void AffiliationProcedure::ask_for_policies(engine::Context& context, Request& request,
                                            const Rules& rules) {
  for (std::size_t i = 0; i < rules.groups.size(); ++i) {
    const std::string& group_id = request.group_ids[i];
    const AffiliationFacts& facts = rules.groups[i];
    if (facts.stored || facts.elsewhere || !facts.in_profile || request.awaited.contains(group_id))
      continue;
    const bool asked =
        std::ranges::any_of(asked_, [&](const auto& entry) { return entry.second == group_id; });
    if (!asked) {
      const auto id = ask_for_policy(context, wire::services_of(*rules.profile), group_id);
      if (!id) {
        request.missing[group_id] = id.error();
        continue;
      }
      asked_[*id] = group_id;
    }
    request.awaited.insert(group_id);
  }
}

void AffiliationProcedure::policy_settled(engine::Context& context, ExchangeId id, Cause cause) {
  const auto found = asked_.find(id);
  if (found == asked_.end()) return;
  const std::string group_id = found->second;
  asked_.erase(found);
  if (cause == Cause::none) context.step_done("10.X.3.1/2b", group_id, context.self());
  for (Request& request : waiting_) {
    if (request.awaited.erase(group_id) != 0 && cause != Cause::none)
      request.missing[group_id] = cause;
  }
}

void AffiliationProcedure::affiliate_implicitly(engine::Context& context,
                                                const ClientAddress& client) {
  const auto* profile = engine::find_user(context, client.mc_service_id);
  if (profile == nullptr) return;
  const std::vector<std::string> wanted = wire::unpack(profile->implicit_affiliations());
  for (std::size_t at = 0; at < wanted.size(); at += limits::affiliation_groups_max) {
    const std::size_t count = std::min(limits::affiliation_groups_max, wanted.size() - at);
    const auto first = wanted.begin() + static_cast<std::ptrdiff_t>(at);
    Request request;
    request.client = client;
    request.mc_service_id = client.mc_service_id;
    request.group_ids = {first, first + static_cast<std::ptrdiff_t>(count)};
    ask_for_policies(context, request, gather(context, request));
    waiting_.push_back(std::move(request));
  }
}

void AffiliationProcedure::on_left(const ClientAddress& client, DeaffiliationScope scope,
                                   const std::vector<std::string>& group_ids) {
  const bool all = scope == DeaffiliationScope::all_clients;
  for (Request& request : waiting_) {
    if (request.client.mc_service_id == client.mc_service_id && (all || request.client == client))
      request.left.insert(group_ids.begin(), group_ids.end());
  }
}

void AffiliationProcedure::on_client_gone(const ClientAddress& client) {
  std::erase_if(waiting_, [&](const Request& request) { return request.client == client; });
}

bool AffiliationProcedure::go_on(engine::Context& context) {
  const auto ready = std::ranges::find_if(
      waiting_, [](const Request& request) { return request.awaited.empty(); });
  if (ready == waiting_.end()) return false;
  const Request request = std::move(*ready);
  waiting_.erase(ready);
  settle(context, request, gather(context, request));
  return true;
}

void AffiliationProcedure::settle(engine::Context& context, const Request& request, Rules rules) {
  if (rules.profile == nullptr)
    return refuse_all(context, affiliations_, request, Cause::user_unknown);
  const ChangeMade made =
      request.is_implicit() ? ChangeMade{AffiliationGround::log_on}
                            : ChangeMade{AffiliationGround::request, request.client.mc_service_id};
  UserAffiliations user(context, affiliations_, request.client.mc_service_id, made);
  AffiliatingFacts asker = gather_asker(context, request, affiliations_, user);
  asker.groups_max = rules.profile->affiliations_max();
  for (std::size_t i = 0; i < rules.groups.size(); ++i) {
    const auto at = request.group_ids.begin() + static_cast<std::ptrdiff_t>(i);
    gather_held(context, request, user, *at, rules.groups[i]);
    rules.groups[i].named_before = std::find(request.group_ids.begin(), at, *at) != at;
  }
  const auto decisions = decide(asker, rules.groups);
  asking::Waiting waiting{
      request.client, request.exchange, request.incarnation, request.mc_service_id, {}, {}};
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const std::string& group_id = request.group_ids[i];
    Cause cause = decisions[i].cause;
    context.step_done(is_own_group(context, group_id) ? "10.X.3.1/3" : "10.X.3.2.2/2", group_id,
                      request.client.mc_service_id);
    if (cause == Cause::none)
      cause = store(context, user, request, group_id, decisions[i].services);
    if (cause != Cause::none) {
      affiliations_.refused(context, request.client.mc_service_id, group_id, cause);
      waiting.groups.push_back({group_id, AffiliationStatus::rejected, cause, {}, {}});
      continue;
    }
    waiting.groups.push_back(as_stored(context, user, request, group_id));
    const bool settled = waiting.groups.back().status == AffiliationStatus::affiliated;
    partner_.clients().supersede(context, request.client, group_id, false);
    if (settled) context.step_done("10.X.3.1/4", group_id, request.client.mc_service_id);
    if (!settled && waiting.groups.back().cause == Cause::none) waiting.awaited[group_id] = 1;
  }
  if (!request.is_implicit()) {
    if (waiting.awaited.empty()) {
      answer(context, request, waiting.groups);
    } else {
      partner_.clients().answer_when_settled(context, std::move(waiting));
    }
  }
  if (!user.changed()) return;
  user.tell(own_steps);
  status_.changed(context, request.client.mc_service_id,
                  request.is_implicit() ? nullptr : &request.client);
}

}  // namespace bivouac::mcs::own
