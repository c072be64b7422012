// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/asking/affiliation.h"

#include <algorithm>

#include "core/engine/user_record.h"
#include "core/mcs/asking/affiliation_decision.h"
#include "core/mcs/own/taking_part.h"
#include "core/wire/affiliation_codec.h"
#include "core/wire/build_affiliation.h"

namespace bivouac::mcs::asking {
namespace {

using engine::ClientAddress;
using engine::DeadlineKind;
using wire::fb::Body;

ClientAddress address_of(const engine::Context& context, const ClientPlace& place) {
  return {std::string(context.identities.text(context.view, place.user)),
          std::string(context.identities.text(context.view, place.client))};
}

/// Stores what the answer says of one group, and makes of it what the client is told.
Outcome apply(const engine::Context& context, UserAffiliations& user, const ClientPlace& place,
              bool left, GroupAffiliation& told) {
  const IdentityNumber group = context.identities.find(told.group_id);
  const Affiliation* held = group.is_set() ? user.find(group, place.client) : nullptr;
  if (held == nullptr) return Outcome::keep;
  Affiliation record = *held;
  const Outcome outcome =
      decide({record.status, record.is_ended_by_us(), left, told.status, told.cause});
  if (outcome == Outcome::ends) {
    user.erase(group, place.client, told.cause);
    if (left) told.status = AffiliationStatus::deaffiliated;  // whatever the home made of it
  }
  if (outcome == Outcome::affiliated || outcome == Outcome::stays) {
    record.status = AffiliationStatus::affiliated;
    record.cause = Cause::none;
    if (outcome == Outcome::affiliated) record.services = told.services;
    // It left before it was told what it covers: its home knows.
    if (record.services.empty()) record.status = AffiliationStatus::affiliating;
    user.put(record, record.changed_by);
  }
  // Who takes part here while it is pending is not the partner's to say.
  if (told.status == AffiliationStatus::affiliating)
    told.services = own::taken_part_in(context, user.mc_service_id(), record);
  return outcome;
}

bool is_still_pending(const engine::Context& context, const UserAffiliations& user,
                      const ClientPlace& place, bool left, std::string_view group_id) {
  const IdentityNumber group = context.identities.find(group_id);
  const Affiliation* held = group.is_set() ? user.find(group, place.client) : nullptr;
  return held != nullptr && held->is_pending() && held->is_wanted() != left;
}

void ask_again_later(engine::Context& context, std::int64_t ms) {
  context.deadlines.set({DeadlineKind::affiliation_again, 0}, context.now.mono + DurationMs{ms});
}

}  // namespace

bool PartnerAffiliation::is_reachable(const engine::Context& context, std::string_view group_id) {
  const engine::Partner* home = context.configuration.home_of_group(group_id);
  return home != nullptr && context.post.is_reachable(home->system_id);
}

void PartnerAffiliation::on_link_up() {
  for (const Affiliations::Pending& one : affiliations_.pending()) to_look_.insert(one.client);
}

bool PartnerAffiliation::is_on_the_way(std::string_view system, IdentityNumber user) const {
  return std::ranges::any_of(flights_, [&](const auto& entry) {
    return entry.second.system == system && entry.second.place.user == user;
  });
}

bool PartnerAffiliation::go_on(engine::Context& context) {
  to_look_.merge(affiliations_.take_changed());
  if (to_look_.empty()) return false;
  const ClientPlace place = *to_look_.begin();
  to_look_.erase(to_look_.begin());
  look(context, place);
  return true;
}

/// What is pending of one client, home by home.
void PartnerAffiliation::look(engine::Context& context, const ClientPlace& place) {
  const std::string user_id(context.identities.text(context.view, place.user));
  const UserAffiliations user(context, affiliations_, user_id, {AffiliationGround::request});
  absl::btree_map<std::string, Asked> homes;
  const auto& pending = affiliations_.pending();
  for (auto one = pending.lower_bound(Affiliations::Pending{place, {}});
       one != pending.end() && one->client == place; ++one) {
    const std::string group_id(context.identities.text(context.view, one->group));
    const engine::Partner* home = context.configuration.home_of_group(group_id);
    const Affiliation* record = user.find(one->group, place.client);
    if (home == nullptr || record == nullptr) continue;
    Asked& asked = homes[home->system_id];
    auto& leaving = record->is_ended_by_us() ? asked.ended : asked.left;
    auto& list = record->is_wanted() ? asked.affiliating : leaving;
    if (list.size() < limits::affiliation_groups_max) list.push_back(group_id);
  }
  for (const auto& [system, asked] : homes) {
    if (context.post.is_reachable(system) && !is_on_the_way(system, place.user))
      send(context, place, system, asked);
  }
}

/// 10.X.3.2.2 step 3, 10.X.4.3 step 3. Leaving comes first: it may make room.
void PartnerAffiliation::send(engine::Context& context, const ClientPlace& place,
                              const std::string& system, const Asked& asked) {
  const ClientAddress client = address_of(context, place);
  const auto* profile = engine::find_user(context, client.mc_service_id);
  const EndedBy by = asked.ended.empty() ? EndedBy::user : EndedBy::mc_system;
  const auto& leaving = by == EndedBy::user ? asked.left : asked.ended;
  const bool leaves = !leaving.empty();
  if (!leaves && profile == nullptr) return;  // it is about to end
  const ExchangeId id = context.exchanges.next_id();
  const wire::Address address = context.request_to(system, id, DurationMs{limits::exchange_ms});
  const auto& groups = leaves ? leaving : asked.affiliating;
  const wire::AffiliatedClient affiliated{client.mc_service_id, client.client_id};
  context.post.send(system,
                    leaves
                        ? wire::build_group_deaffiliation_request(address, affiliated, groups, by)
                        : wire::build_group_affiliation_request(address, affiliated, groups,
                                                                wire::services_of(*profile)),
                    engine::Priority::control);
  context.step_done(leaves ? "10.X.4.3/3" : "10.X.3.2.2/3", groups[0], system);
  context.exchanges.expect(system, id);
  context.exchanges.open(
      id, {system, leaves ? Body::GroupDeaffiliationRequest : Body::GroupAffiliationRequest,
           groups[0]});
  context.deadlines.set({DeadlineKind::exchange, id.value},
                        context.now.mono + DurationMs{limits::exchange_ms});
  flights_[id] = {system, place};
}

void PartnerAffiliation::on_response(engine::Context& context, const wire::fb::Envelope& envelope) {
  const ExchangeId id{envelope.exchange()};
  const std::string_view system = envelope.origin()->string_view();
  const auto* affiliated = envelope.body_as_GroupAffiliationResponse();
  const auto* left = envelope.body_as_GroupDeaffiliationResponse();
  const Body request =
      left != nullptr ? Body::GroupDeaffiliationRequest : Body::GroupAffiliationRequest;
  const engine::Exchange* exchange = context.exchanges.find(id);
  const auto found = flights_.find(id);
  if (found == flights_.end() || found->second.system != system || exchange == nullptr ||
      exchange->request != request) {
    context.refused(system, "affiliation", Cause::message_unexpected);
    return;
  }
  const Flight flight = found->second;
  free_place(context, id);
  take(context, flight, left != nullptr,
       wire::unpack(left != nullptr ? left->groups() : affiliated->groups()));
}

void PartnerAffiliation::take(engine::Context& context, const Flight& flight, bool left,
                              const std::vector<GroupAffiliation>& groups) {
  const ClientAddress client = address_of(context, flight.place);
  UserAffiliations user(context, affiliations_, client.mc_service_id,
                        {AffiliationGround::answer, flight.system});
  std::vector<GroupAffiliation> ended;
  bool tell_all = false;
  bool unsettled = false;
  for (const GroupAffiliation& one : groups) {
    GroupAffiliation told = one;
    const Outcome outcome = apply(context, user, flight.place, left, told);
    if (told.cause != Cause::none)
      affiliations_.refused(context, flight.system, one.group_id, told.cause);
    unsettled = unsettled || is_still_pending(context, user, flight.place, left, one.group_id);
    context.step_done(left ? "10.X.4.3/7" : "10.X.3.2.2/8", one.group_id, client.mc_service_id);
    const WaitingClients::Heard heard = clients_.settle(context, client, left, told);
    const bool news = !heard.any && outcome != Outcome::keep;
    // Who is told that it may not leave does not know for what it stays.
    tell_all = tell_all || news || heard.another_client || outcome == Outcome::stays;
    if (outcome == Outcome::stays) returned_.insert(flight.place.user);
    if (news && !left && outcome == Outcome::ends)
      ended.push_back({told.group_id, AffiliationStatus::deaffiliated, told.cause, {}, {}});
  }
  if (unsettled) {
    // Not at once: it would be answered alike.
    to_look_.erase(flight.place);
    ask_again_later(context, limits::push_again_passing_ms);
  }
  if (!user.changed()) return;
  status_.changed(context, client.mc_service_id, tell_all ? nullptr : &client);
  if (!ended.empty()) own::notify_ended(context, client.mc_service_id, ended);
}

void PartnerAffiliation::on_failure(engine::Context& context, ExchangeId id, Cause cause) {
  const auto found = flights_.find(id);
  if (found == flights_.end()) return context.exchanges.close(id);
  const Flight flight = found->second;
  context.refused(flight.system, "affiliation", cause);
  free_place(context, id);
  if (cause == Cause::timed_out) return;
  to_look_.erase(flight.place);
  if (cause == Cause::unreachable) return;  // the next link looks at it
  ask_again_later(
      context, engine::is_passing(cause) ? limits::push_again_passing_ms : limits::push_again_ms);
}

void PartnerAffiliation::on_link_down(engine::Context& context, std::string_view system) {
  std::vector<ExchangeId> lost;
  for (const auto& [id, flight] : flights_) {
    if (flight.system == system) lost.push_back(id);
  }
  for (const ExchangeId id : lost) on_failure(context, id, Cause::unreachable);
  const auto is_its_own = [&](const std::string& group_id) {
    const engine::Partner* home = context.configuration.home_of_group(group_id);
    return home != nullptr && home->system_id == system;
  };
  clients_.give_up(context, Cause::unreachable, is_its_own);
}

void PartnerAffiliation::free_place(engine::Context& context, ExchangeId id) {
  const auto found = flights_.find(id);
  const Flight flight = found->second;
  flights_.erase(found);
  context.exchanges.close(id);
  context.exchanges.settle(flight.system, id);
  context.deadlines.clear({DeadlineKind::exchange, id.value});
  // Whatever else of the user waited for the place.
  const auto& pending = affiliations_.pending();
  for (auto one = pending.lower_bound(Affiliations::Pending{{flight.place.user, {}}, {}});
       one != pending.end() && one->client.user == flight.place.user; ++one)
    to_look_.insert(one->client);
}

}  // namespace bivouac::mcs::asking
