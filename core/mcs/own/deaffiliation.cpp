// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/own/deaffiliation.h"

#include <algorithm>

#include "core/mcs/group_policy.h"
#include "core/mcs/own/affiliation_facts.h"
#include "core/mcs/own/deaffiliation_decision.h"
#include "core/mcs/user_affiliations.h"
#include "core/wire/affiliation_codec.h"
#include "core/wire/build_affiliation.h"

namespace bivouac::mcs::own::deaffiliation {
namespace {

using engine::ClientAddress;

/// Who wanted it does not matter when its user wants to leave; but a regroup ends by itself (F26).
constexpr AffiliationSources undone_by_user = by_user | by_profile | by_other_user;

struct Leaving {
  ClientAddress client;
  DeaffiliationScope scope = DeaffiliationScope::this_client;
  std::string mc_service_id;  // whose de-affiliation is asked for
  std::vector<std::string> group_ids;
};

/// Of the group, what is to end.
std::vector<Affiliation> affected(const engine::Context& context, const Leaving& leaving,
                                  const UserAffiliations& user, IdentityNumber group) {
  const IdentityNumber client = context.identities.find(leaving.client.client_id);
  std::vector<Affiliation> ending;
  for (const Affiliation& one : user.all()) {
    const bool meant = leaving.scope == DeaffiliationScope::all_clients || one.client == client;
    if (one.group == group && one.is_wanted() && meant) ending.push_back(one);
  }
  return ending;
}

DeaffiliationFacts gather(const engine::Context& context, const Leaving& leaving,
                          const Affiliations& affiliations, const UserAffiliations& user,
                          const std::string& group_id) {
  DeaffiliationFacts facts;
  facts.for_itself = leaving.mc_service_id == leaving.client.mc_service_id;
  const IdentityNumber group = context.identities.find(group_id);
  if (!group.is_set()) return facts;
  const auto ending = affected(context, leaving, user, group);
  facts.held = !ending.empty();
  facts.leaves = ending.size() == user.clients_of(group);
  facts.kept_by_regroup = std::ranges::any_of(
      ending, [](const Affiliation& one) { return one.sources.has(by_regroup); });
  const auto policy = find_policy(context, group_id, leaving.client.mc_service_id);
  if (!policy || !facts.leaves || !is_own_group(context, group_id)) return facts;
  facts.enabled = !policy->disabled;
  facts.required = policy->affiliation_required;
  facts.affiliated_min = policy->affiliated_members_min;
  // Counted only where it matters: a group may have thousands.
  if (facts.affiliated_min != 0) facts.affiliated = affiliations.users_of(group).size();
  return facts;
}

/// Step 3. How many of them a partner has yet to hear of.
std::size_t remove(engine::Context& context, const Leaving& leaving, UserAffiliations& user,
                   const std::string& group_id, asking::PartnerAffiliation& partner) {
  const IdentityNumber group = context.identities.find(group_id);
  std::size_t pending = 0;
  for (Affiliation one : affected(context, leaving, user, group)) {
    one.sources = one.sources.without(undone_by_user);
    if (!one.sources.empty()) {
      user.put(one, user.number());
      continue;
    }
    user.end(one.group, one.client);
    const std::string client(context.identities.text(context.view, one.client));
    partner.clients().supersede(context, {leaving.client.mc_service_id, client}, group_id, true);
    if (user.find(one.group, one.client) != nullptr) ++pending;
  }
  return pending;
}

/// Steps 2 and 3 for one group.
GroupAffiliation leave(engine::Context& context, const Leaving& leaving, UserAffiliations& user,
                       const DeaffiliationDecision& decision, const std::string& group_id,
                       asking::Waiting& waiting, asking::PartnerAffiliation& partner) {
  context.step_done(is_own_group(context, group_id) ? "10.X.4.2/2" : "10.X.4.3/2", group_id,
                    leaving.client.mc_service_id);
  GroupAffiliation left{group_id, decision.status, decision.cause, {}, {}};
  if (decision.status != AffiliationStatus::deaffiliated) return left;
  const std::size_t pending = remove(context, leaving, user, group_id, partner);
  if (pending == 0) {
    context.step_done("10.X.4.2/3", group_id, leaving.client.mc_service_id);
    return left;
  }
  left.status = AffiliationStatus::deaffiliating;
  if (asking::PartnerAffiliation::is_reachable(context, group_id)) {
    waiting.awaited[group_id] = pending;
  } else {
    left.cause = Cause::unreachable;
  }
  return left;
}

/// Step 4a, or later, when partners have answered.
void answer(engine::Context& context, asking::PartnerAffiliation& partner,
            asking::Waiting waiting) {
  if (!waiting.awaited.empty())
    return partner.clients().answer_when_settled(context, std::move(waiting));
  context.post.send_to_client(
      waiting.client,
      wire::build_client_group_deaffiliation_response(
          context.answer_to_client(waiting.client, waiting.exchange, waiting.incarnation),
          waiting.mc_service_id, waiting.groups, waiting.scope),
      engine::Priority::control);
  context.step_done("10.X.4.2/4a", waiting.groups[0].group_id, waiting.client.mc_service_id);
}

}  // namespace

void on_request(engine::Context& context, const wire::fb::Envelope& envelope, const Parts& parts) {
  const auto& request = *envelope.body_as_ClientGroupDeaffiliationRequest();
  const Leaving leaving{engine::client_of(envelope),
                        static_cast<DeaffiliationScope>(request.scope()),
                        request.mc_service_id()->str(), wire::unpack(request.group_ids())};
  context.step_done(is_own_group(context, leaving.group_ids[0]) ? "10.X.4.2/1" : "10.X.4.3/1",
                    leaving.group_ids[0], leaving.client.mc_service_id);
  if (leaving.mc_service_id == leaving.client.mc_service_id)
    parts.affiliation.on_left(leaving.client, leaving.scope, leaving.group_ids);
  UserAffiliations user(context, parts.affiliations, leaving.client.mc_service_id,
                        {AffiliationGround::request, leaving.client.mc_service_id});
  asking::Waiting waiting{leaving.client,
                          {envelope.exchange()},
                          {envelope.origin_incarnation()},
                          leaving.mc_service_id,
                          {},
                          {},
                          true,
                          leaving.scope};
  for (auto group_id = leaving.group_ids.begin(); group_id != leaving.group_ids.end(); ++group_id) {
    DeaffiliationFacts facts = gather(context, leaving, parts.affiliations, user, *group_id);
    facts.named_before = std::find(leaving.group_ids.begin(), group_id, *group_id) != group_id;
    const DeaffiliationDecision decision = decide(facts);
    if (decision.cause != Cause::none) {
      parts.affiliations.refused(context, leaving.client.mc_service_id, *group_id, decision.cause);
    }
    waiting.groups.push_back(
        leave(context, leaving, user, decision, *group_id, waiting, parts.partner));
  }
  answer(context, parts.partner, std::move(waiting));
  if (!user.changed()) return;
  user.tell(own_steps);
  parts.status.changed(context, leaving.client.mc_service_id, &leaving.client);
}

}  // namespace bivouac::mcs::own::deaffiliation
