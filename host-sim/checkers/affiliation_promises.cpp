// SPDX-License-Identifier: Apache-2.0
// What clients and partners were told, and asked.
#include <algorithm>
#include <vector>

#include "core/base/limits.h"
#include "core/store/record.h"
#include "core/wire/affiliation_codec.h"
#include "core/wire/user_profile_codec.h"
#include "host-sim/checkers/affiliation_checker.h"
#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
namespace {

bool is_over(AffiliationStatus status) {
  return status == AffiliationStatus::deaffiliated || status == AffiliationStatus::deaffiliating ||
         status == AffiliationStatus::not_affiliated;
}

/// A silent session is noticed late, and the grace time counts from then.
constexpr DurationMs grace_margin{120'000};

}  // namespace

void AffiliationChecker::on_connected(const System& dialler, const System& accepter) {
  ++moment_;
  const System& client = dialler.is_client() ? dialler : accepter;
  const System& system = dialler.is_client() ? accepter : dialler;
  if (!client.is_client()) return;
  const auto& its = client.client_options();
  nodes_[system.id()].sessions[{its.mc_service_id, its.client_id}] = {true, {}};
}

void AffiliationChecker::on_disconnected(const System& a, const System& b) {
  ++moment_;
  const System& client = a.is_client() ? a : b;
  const System& system = a.is_client() ? b : a;
  if (!client.is_client()) return;
  const auto& its = client.client_options();
  nodes_[system.id()].sessions[{its.mc_service_id, its.client_id}] = {false, world().now()};
}

void AffiliationChecker::on_arrived(const Flight& flight) {
  ++moment_;
  if (flight.to->is_client() || !flight.to->is_up()) return;
  if (flight.from->is_client()) return on_client_asks(*flight.to, *flight.from, flight);
  const auto& envelope = envelope_in(flight);
  const bool is_for_it =
      envelope.target() != nullptr && envelope.target()->string_view() == flight.to->id();
  if (!is_for_it) return;  // a proxy passes it on
  on_partner_asks(*flight.to, flight);
  on_partner_answers(*flight.to, flight);
}

void AffiliationChecker::note_left(Node& node, const std::string& user, const std::string* client,
                                   const std::string& group) {
  if (client != nullptr) {
    node.occasions[{user, *client, group}].left = moment_;
    return;
  }
  for (const auto& [place, status] : node.held) {
    if (place.user == user && place.group == group) node.occasions[place].left = moment_;
  }
  for (auto& [place, occasions] : node.occasions) {
    if (place.user == user && place.group == group) occasions.left = moment_;
  }
}

void AffiliationChecker::on_client_asks(const System& system, const System& client,
                                        const Flight& flight) {
  const auto& envelope = envelope_in(flight);
  Node& node = nodes_[system.id()];
  const std::string& user = client.client_options().mc_service_id;
  const std::string& id = client.client_options().client_id;
  node.asked[{client.id(), envelope.exchange()}] = moment_;
  if (const auto* request = envelope.body_as_ClientGroupAffiliationRequest()) {
    for (const std::string& group : wire::unpack(request->group_ids()))
      node.occasions[{user, id, group}].wished = moment_;
  } else if (const auto* leaving = envelope.body_as_ClientGroupDeaffiliationRequest()) {
    const bool all = leaving->scope() == wire::fb::DeaffiliationScope::all_clients;
    for (const std::string& group : wire::unpack(leaving->group_ids()))
      note_left(node, user, all ? nullptr : &id, group);
  } else if (envelope.body_as_LogOnRequest() != nullptr) {
    const auto profile = find_profile(system.view(), user);
    if (!profile) {
      node.logged_off[{user, id}] = moment_;  // it will not be let on
      return;
    }
    for (const std::string& group : profile->implicit_affiliations)
      node.occasions[{user, id, group}].wished = moment_;
  } else if (envelope.body_as_LogOffRequest() != nullptr) {
    node.logged_off[{user, id}] = moment_;
  }
}

/// One exchange after the other: what comes of an older one is no wish any more.
void AffiliationChecker::on_partner_asks(const System& system, const Flight& flight) {
  const auto& envelope = envelope_in(flight);
  const auto* request = envelope.body_as_GroupAffiliationRequest();
  const auto* leaving = envelope.body_as_GroupDeaffiliationRequest();
  if (request == nullptr && leaving == nullptr) return;
  Node& node = nodes_[system.id()];
  const std::string partner = envelope.origin()->str();
  const std::string user =
      request != nullptr ? request->mc_service_id()->str() : leaving->mc_service_id()->str();
  const auto* client_id = request != nullptr ? request->client_id() : leaving->client_id();
  const std::string client = client_id == nullptr ? "" : client_id->str();
  auto& newest = node.newest[{partner, user}];
  const bool late =
      newest.first == envelope.origin_incarnation() && newest.second > envelope.exchange();
  if (late) return;
  newest = {envelope.origin_incarnation(), envelope.exchange()};
  node.asked[{partner, envelope.exchange()}] = moment_;
  if (request != nullptr) {
    for (const std::string& group : wire::unpack(request->group_ids()))
      node.occasions[{user, client, group}].wished = moment_;
  } else {
    for (const std::string& group : wire::unpack(leaving->group_ids()))
      note_left(node, user, client.empty() ? nullptr : &client, group);
  }
}

void AffiliationChecker::on_partner_answers(const System& system, const Flight& flight) {
  const auto& envelope = envelope_in(flight);
  const auto* granted = envelope.body_as_GroupAffiliationResponse();
  const auto* left = envelope.body_as_GroupDeaffiliationResponse();
  if (granted == nullptr && left == nullptr) return;
  Node& node = nodes_[system.id()];
  const std::string user =
      granted != nullptr ? granted->mc_service_id()->str() : left->mc_service_id()->str();
  const auto* client = granted != nullptr ? granted->client_id() : left->client_id();
  for (const GroupAffiliation& one :
       wire::unpack(granted != nullptr ? granted->groups() : left->groups())) {
    if (one.status != AffiliationStatus::rejected) continue;
    Occasions& its = node.occasions[{user, client == nullptr ? "" : client->str(), one.group_id}];
    (granted != nullptr ? its.refused : its.kept) = moment_;
  }
}

void AffiliationChecker::on_sent(const Flight& flight) {
  ++moment_;
  if (flight.from->is_client()) return;
  const System& system = *flight.from;
  Node& node = nodes_[system.id()];
  const auto& envelope = envelope_in(flight);
  if (is_forwarded(flight)) return;
  const auto asked_at = [&](const std::string& by) {
    const auto found = node.asked.find({by, envelope.exchange()});
    return found == node.asked.end() ? Moment{0} : found->second;
  };
  if (flight.to->is_client()) {
    const std::string& user = flight.to->client_options().mc_service_id;
    const std::string& client = flight.to->client_options().client_id;
    const Moment since = asked_at(flight.to->id());
    if (const auto* m = envelope.body_as_ClientGroupAffiliationResponse()) {
      promise_all(system, user, &client, wire::unpack(m->groups()), since);
    } else if (const auto* left = envelope.body_as_ClientGroupDeaffiliationResponse()) {
      const bool all = left->scope() == wire::fb::DeaffiliationScope::all_clients;
      promise_all(system, user, all ? nullptr : &client, wire::unpack(left->groups()), since);
    } else if (envelope.body_as_LogOffRequest() != nullptr) {
      node.logged_off[{user, client}] = moment_;
    } else if (envelope.body_as_LogOffResponse() != nullptr) {
      for (const auto& [place, status] : node.held) {
        const bool its = place.user == user && place.client == client && is_wanted(status);
        if (!its || may_have_begun(node, place, since)) continue;
        violated(system.id() + " logs " + client + " off, and leaves the affiliation of " +
                 in_words(place));
      }
    }
    return;
  }
  const std::string to = envelope.target() == nullptr ? "" : envelope.target()->str();
  if (const auto* m = envelope.body_as_GroupAffiliationResponse()) {
    const std::string client = m->client_id() == nullptr ? "" : m->client_id()->str();
    promise_all(system, m->mc_service_id()->str(), &client, wire::unpack(m->groups()),
                asked_at(to));
  } else if (const auto* left = envelope.body_as_GroupDeaffiliationResponse()) {
    const std::string client = left->client_id() == nullptr ? "" : left->client_id()->str();
    promise_all(system, left->mc_service_id()->str(), client.empty() ? nullptr : &client,
                wire::unpack(left->groups()), asked_at(to));
  }
}

/// `client` is null when all clients of the user are meant.
void AffiliationChecker::promise_all(const System& system, const std::string& user,
                                     const std::string* client,
                                     std::span<const GroupAffiliation> groups, Moment since) {
  for (const GroupAffiliation& one : groups) {
    if (client != nullptr && is_wanted(one.status)) {
      promise(system, {user, *client, one.group_id}, true, since);
      if (one.status == AffiliationStatus::affiliated)
        judge_confirmed(system, {user, *client, one.group_id}, since);
    } else if (is_over(one.status) && client != nullptr) {
      promise(system, {user, *client, one.group_id}, false, since);
    } else if (is_over(one.status)) {
      std::vector<AffiliationPlace> places;
      for (const auto& [place, status] : nodes_[system.id()].held) {
        if (place.user == user && place.group == one.group_id) places.push_back(place);
      }
      for (const AffiliationPlace& place : places) promise(system, place, false, since);
    }
  }
}

/// What is pending may not be said to be agreed with the group's home.
void AffiliationChecker::judge_confirmed(const System& system, const AffiliationPlace& place,
                                         Moment since) {
  const Node& node = nodes_[system.id()];
  const auto held = node.held.find(place);
  if (node.damaged || held == node.held.end() || held->second == AffiliationStatus::affiliated)
    return;
  const auto before = node.was_affiliated.find(place);
  if (before == node.was_affiliated.end() || before->second < since)
    violated(system.id() + " says that the affiliation of " + in_words(place) +
             " is settled, which is pending");
}

void AffiliationChecker::promise(const System& system, const AffiliationPlace& place, bool stands,
                                 Moment since) {
  Node& node = nodes_[system.id()];
  const auto held = node.held.find(place);
  const bool wanted = held != node.held.end() && is_wanted(held->second);
  if (stands && !wanted && !may_have_ended(system, node, place, since)) {
    violated(system.id() + " acknowledges the affiliation of " + in_words(place) +
             ", which is not stored");
  } else if (!stands && wanted && !may_have_begun(node, place, since)) {
    violated(system.id() + " acknowledges the de-affiliation of " + in_words(place) +
             ", which is stored still");
  }
  if (wanted == stands) node.promises[place] = {stands, since};
}

void AffiliationChecker::at_rest() {
  for (const auto& system : world().systems()) {
    if (!system->is_up()) continue;
    Node& node = nodes_[system->id()];
    // Names that were lost are known again.
    if (std::exchange(node.damaged, false)) take_stock(*system, node);
    for (const auto& [user, most] : node.most) judge_count(*system, node, user);
    for (const auto& [place, status] : node.held) {
      if (home_of(place.user) != system->id() || !is_wanted(status)) continue;
      const Device device{place.user, place.client};
      const auto session = node.sessions.find(device);
      const bool up = session != node.sessions.end() && session->second.up;
      const MonoMs ended = session == node.sessions.end() ? node.started : session->second.ended;
      const DurationMs most{limits::affiliation_grace_ms + grace_margin.ms};
      if (!up && world().now() - std::max(ended, node.started) > most)
        violated(system->id() + " holds the affiliation of " + in_words(place) +
                 " long after its client was gone");
    }
  }
}

}  // namespace bivouac::sim
