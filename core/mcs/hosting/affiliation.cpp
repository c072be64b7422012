// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/hosting/affiliation.h"

#include <algorithm>

#include "core/mcs/own/affiliation_facts.h"
#include "core/wire/affiliation_codec.h"
#include "core/wire/build_affiliation.h"

namespace bivouac::mcs::hosting {
namespace {

constexpr std::size_t newest_max = 4096;
constexpr std::size_t waiting_max = 256;

/// Step 6. Refused: identity_limit.
Cause store(engine::Context& context, UserAffiliations& user, const PartnerRequest& request,
            IdentityNumber group, Services services) {
  IdentityNumber client;
  if (!request.client_id.empty()) {
    const auto interned = context.identities.intern(context.effects, request.client_id);
    if (!interned) return interned.error();
    client = *interned;
  }
  Affiliation wanted;
  if (const Affiliation* held = user.find(group, client)) wanted = *held;
  wanted.group = group;
  wanted.client = client;
  wanted.status = AffiliationStatus::affiliated;
  wanted.services = services;
  wanted.sources = wanted.sources | by_user;
  user.put(wanted, user.number());
  return Cause::none;
}

}  // namespace

/// With the incarnation, exchanges of one system only rise.
bool HostedAffiliation::is_late(const PartnerRequest& request) {
  if (newest_.size() >= newest_max) newest_.clear();
  auto& newest = newest_[{request.system, request.mc_service_id}];
  const std::pair its{request.incarnation, request.exchange};
  if (newest.first == its.first && its.second < newest.second) return true;
  newest = its;
  return false;
}

void HostedAffiliation::on_request(engine::Context& context, const wire::fb::Envelope& envelope) {
  const auto& message = *envelope.body_as_GroupAffiliationRequest();
  Request request;
  request.system = envelope.origin()->str();
  request.exchange = {envelope.exchange()};
  request.incarnation = {envelope.origin_incarnation()};
  request.mc_service_id = message.mc_service_id()->str();
  if (message.client_id() != nullptr) request.client_id = message.client_id()->str();
  request.group_ids = wire::unpack(message.group_ids());
  request.services.bits = static_cast<std::uint8_t>(message.services());
  if (is_late(request)) {
    return affiliations_.refused(context, request.system, "affiliation", Cause::superseded);
  }
  if (waiting_.size() < waiting_max) ask_for_policies(context, request);
  if (request.awaited.empty()) return settle(context, request);
  waiting_.push_back(std::move(request));
}

/// Step 4a, of the groups that need it.
void HostedAffiliation::ask_for_policies(engine::Context& context, Request& request) {
  for (const std::string& group_id : request.group_ids) {
    if (judge(context, request, group_id) != Cause::none || request.awaited.contains(group_id))
      continue;
    const own::AffiliationFacts facts =
        own::gather_rules(context, {request.mc_service_id, request.services}, group_id);
    if (facts.stored || facts.elsewhere) continue;
    const bool asked =
        std::ranges::any_of(asked_, [&](const auto& entry) { return entry.second == group_id; });
    if (!asked) {
      const auto id = own::ask_for_policy(context, request.services, group_id, "10.X.3.2.2/4a");
      if (!id) {
        request.missing[group_id] = id.error();
        continue;
      }
      asked_[*id] = group_id;
    }
    request.awaited.insert(group_id);
  }
}

void HostedAffiliation::policy_settled(engine::Context& context, ExchangeId id, Cause cause) {
  const auto found = asked_.find(id);
  if (found == asked_.end()) return;
  const std::string group_id = found->second;
  asked_.erase(found);
  if (cause == Cause::none) context.step_done("10.X.3.2.2/4b", group_id, context.self());
  for (Request& request : waiting_) {
    if (request.awaited.erase(group_id) != 0 && cause != Cause::none)
      request.missing[group_id] = cause;
  }
}

bool HostedAffiliation::go_on(engine::Context& context) {
  const auto ready = std::ranges::find_if(
      waiting_, [](const Request& request) { return request.awaited.empty(); });
  if (ready == waiting_.end()) return false;
  const Request request = std::move(*ready);
  waiting_.erase(ready);
  if (is_late(request)) {
    affiliations_.refused(context, request.system, "affiliation", Cause::superseded);
  } else {
    settle(context, request);
  }
  return true;
}

/// Step 5, but for space and places.
Cause HostedAffiliation::judge_group(const engine::Context& context, const Request& request,
                                     const std::string& group_id, Services& services) const {
  if (const Cause cause = judge(context, request, group_id); cause != Cause::none) return cause;
  own::AffiliationFacts facts =
      own::gather_rules(context, {request.mc_service_id, request.services}, group_id);
  if (facts.elsewhere) return Cause::not_home_here;
  if (const auto missing = request.missing.find(group_id); missing != request.missing.end())
    facts.missing = missing->second;
  services = facts.services;
  return own::judge(facts);
}

/// Step 6, if there is room for it.
Cause HostedAffiliation::grant(engine::Context& context, UserAffiliations& user,
                               const PartnerRequest& request, const std::string& group_id,
                               Services services) const {
  // A cached policy has a number for its group.
  const IdentityNumber group = context.identities.find(group_id);
  const IdentityNumber client = context.identities.find(request.client_id);
  if (user.find(group, client) == nullptr) {
    if (context.space_low) return Cause::storage_full;
    if (!user.number().is_set()) return Cause::identity_limit;
    if (user.all().size() >= limits::affiliations_per_user_max ||
        affiliations_.count() >= limits::affiliations_max)
      return Cause::overloaded;
  }
  return store(context, user, request, group, services);
}

void HostedAffiliation::settle(engine::Context& context, const Request& request) {
  struct Judged {
    Cause cause = Cause::none;
    Services services;
  };
  std::vector<Judged> judged;
  for (auto id = request.group_ids.begin(); id != request.group_ids.end(); ++id) {
    Judged& one = judged.emplace_back();
    one.cause = judge_group(context, request, *id, one.services);
    if (std::find(request.group_ids.begin(), id, *id) != id) one.cause = Cause::group_duplicate;
  }
  const bool any =
      std::ranges::any_of(judged, [](const Judged& one) { return one.cause == Cause::none; });
  // A refusal writes nothing: a partner cannot wear the flash with users whom nobody knows.
  if (any && !context.space_low)
    static_cast<void>(context.identities.intern(context.effects, request.mc_service_id));
  UserAffiliations user(context, affiliations_, request.mc_service_id,
                        {AffiliationGround::partner, request.system});
  std::vector<GroupAffiliation> groups;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const std::string& group_id = request.group_ids[i];
    auto [cause, services] = judged[i];
    context.step_done("10.X.3.2.2/5", group_id, request.mc_service_id);
    if (cause == Cause::none) cause = grant(context, user, request, group_id, services);
    if (cause != Cause::none) {
      affiliations_.refused(context, request.system, group_id, cause);
      groups.push_back({group_id, AffiliationStatus::rejected, cause, {}, {}});
      continue;
    }
    groups.push_back({group_id, AffiliationStatus::affiliated, Cause::none, services, {}});
    context.step_done("10.X.3.2.2/6", group_id, request.mc_service_id);
  }
  context.post.send(
      request.system,
      wire::build_group_affiliation_response(request.answer_from(context),
                                             {request.mc_service_id, request.client_id}, groups),
      engine::Priority::control);
  context.step_done("10.X.3.2.2/7a", groups[0].group_id, request.system);
  if (user.changed()) user.tell(hosted_steps);
}

}  // namespace bivouac::mcs::hosting
