// SPDX-License-Identifier: Apache-2.0
// 10.X.4.3 steps 3 to 6: a partner's user de-affiliates from groups that have their home here.
#include <algorithm>

#include "core/base/planted.h"
#include "core/mcs/group_policy.h"
#include "core/mcs/hosting/affiliation.h"
#include "core/mcs/own/deaffiliation_decision.h"
#include "core/wire/affiliation_codec.h"
#include "core/wire/build_affiliation.h"

namespace bivouac::mcs::hosting {
namespace {

/// Of the group, what is to end: of one client, or of the user as a whole.
std::vector<Affiliation> affected(const engine::Context& context, const PartnerRequest& request,
                                  const UserAffiliations& user, IdentityNumber group) {
  const IdentityNumber client = context.identities.find(request.client_id);
  std::vector<Affiliation> ending;
  for (const Affiliation& one : user.all()) {
    const bool named = client.is_set() && one.client == client;
    const bool meant = request.client_id.empty() || named;
    if (one.group == group && meant) ending.push_back(one);
  }
  return ending;
}

own::DeaffiliationFacts gather(const engine::Context& context, const PartnerRequest& request,
                               const Affiliations& affiliations, const UserAffiliations& user,
                               const std::string& group_id, EndedBy by) {
  own::DeaffiliationFacts facts;
  const IdentityNumber group = context.identities.find(group_id);
  if (!group.is_set()) return facts;
  const auto ending = affected(context, request, user, group);
  facts.held = !ending.empty();
  facts.leaves = ending.size() == user.clients_of(group);
  facts.kept_by_regroup = std::ranges::any_of(
      ending, [](const Affiliation& one) { return one.sources.has(by_regroup); });
  const auto policy = find_policy(context, group_id, request.mc_service_id);
  // Whether its user may be affiliated at all is for the user's MC system to say.
  if (!policy || !facts.leaves || by == EndedBy::mc_system) return facts;
  facts.enabled = !policy->disabled;
  facts.required = policy->affiliation_required;
  facts.affiliated_min = policy->affiliated_members_min;
  if (facts.affiliated_min != 0) facts.affiliated = affiliations.users_of(group).size();
  return facts;
}

}  // namespace

void HostedAffiliation::on_deaffiliation(engine::Context& context,
                                         const wire::fb::Envelope& envelope) {
  const auto& message = *envelope.body_as_GroupDeaffiliationRequest();
  PartnerRequest request{envelope.origin()->str(),
                         {envelope.exchange()},
                         {envelope.origin_incarnation()},
                         message.mc_service_id()->str(),
                         message.client_id() == nullptr ? "" : message.client_id()->str(),
                         wire::unpack(message.group_ids())};
  if (is_late(request)) {
    return affiliations_.refused(context, request.system, "affiliation", Cause::superseded);
  }
  UserAffiliations user(context, affiliations_, request.mc_service_id,
                        {AffiliationGround::partner, request.system});
  const EndedBy by = message.by_mc_system() ? EndedBy::mc_system : EndedBy::user;
  std::vector<GroupAffiliation> groups;
  for (auto id = request.group_ids.begin(); id != request.group_ids.end(); ++id) {
    own::DeaffiliationFacts facts = gather(context, request, affiliations_, user, *id, by);
    facts.named_before = std::find(request.group_ids.begin(), id, *id) != id;
    // The right to affiliate may be gone; to leave it is not needed, to act for the user it is.
    const engine::Partner* home = context.configuration.home_of_user(request.mc_service_id);
    own::DeaffiliationDecision decision = own::decide(facts);
    if (home == nullptr || home->system_id != request.system)
      decision = {AffiliationStatus::rejected, Cause::user_of_another};
    context.step_done("10.X.4.3/4", *id, request.mc_service_id);
    groups.push_back({*id, decision.status, decision.cause, {}, {}});
    if (decision.cause != Cause::none)
      affiliations_.refused(context, request.system, *id, decision.cause);
    if (decision.status != AffiliationStatus::deaffiliated) continue;
    if (is_planted(Planted::deaffiliation_not_done)) continue;
    for (const Affiliation& one : affected(context, request, user, context.identities.find(*id)))
      user.erase(one.group, one.client);
    context.step_done("10.X.4.3/5", *id, request.mc_service_id);
  }
  context.post.send(
      request.system,
      wire::build_group_deaffiliation_response(request.answer_from(context),
                                               {request.mc_service_id, request.client_id}, groups),
      engine::Priority::control);
  context.step_done("10.X.4.3/6a", groups[0].group_id, request.system);
  if (user.changed()) user.tell(hosted_steps);
}

}  // namespace bivouac::mcs::hosting
