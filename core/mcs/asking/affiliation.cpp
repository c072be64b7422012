// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/asking/affiliation.h"

#include <algorithm>

#include "core/engine/user_record.h"
#include "core/mcs/asking/affiliation_decision.h"
#include "core/store/record.h"
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

/// Stores what the answer says of one group; what the client is told of it.
GroupAffiliation apply(const engine::Context& context, UserAffiliations& user,
                       const ClientPlace& place, bool left, GroupAffiliation told) {
  const IdentityNumber group = context.identities.find(told.group_id);
  const Affiliation* held = group.is_set() ? user.find(group, place.client) : nullptr;
  if (held == nullptr) return told;
  Affiliation record = *held;
  const Outcome outcome =
      decide({record.status, record.cause != Cause::none, left, told.status, told.cause});
  if (outcome == Outcome::ends) user.erase(group, place.client, told.cause);
  if (outcome == Outcome::affiliated || outcome == Outcome::stays) {
    record.status = AffiliationStatus::affiliated;
    record.cause = Cause::none;
    if (outcome == Outcome::affiliated) record.services = told.services;
    user.put(record, record.changed_by);
  }
  return told;
}

bool is_still_pending(const engine::Context& context, const UserAffiliations& user,
                      const ClientPlace& place, bool left, std::string_view group_id) {
  const IdentityNumber group = context.identities.find(group_id);
  const Affiliation* held = group.is_set() ? user.find(group, place.client) : nullptr;
  return held != nullptr && held->is_pending() && held->is_wanted() != left;
}

bool is_elsewhere(const engine::Context& context, IdentityNumber group) {
  const std::string_view group_id = context.identities.text(context.view, group);
  return context.configuration.home_of_group(group_id) != nullptr;
}

void ask_again_later(engine::Context& context, std::int64_t ms) {
  context.deadlines.set({DeadlineKind::affiliation_again, 0}, context.now.mono + DurationMs{ms});
}

}  // namespace

bool PartnerAffiliation::is_reachable(const engine::Context& context, std::string_view group_id) {
  const engine::Partner* home = context.configuration.home_of_group(group_id);
  return home != nullptr && context.post.is_reachable(home->system_id);
}

// ---- Clients that wait

/// What was wished for last stands: an older wish for the opposite is answered before it.
void PartnerAffiliation::overtake(engine::Context& context, const Waiting& newer) {
  std::vector<std::uint64_t> done;
  for (auto& [number, older] : waiting_) {
    const bool same = newer.scope == DeaffiliationScope::all_clients ||
                      older.scope == DeaffiliationScope::all_clients ||
                      older.client == newer.client;
    if (older.leaves == newer.leaves || !same ||
        older.client.mc_service_id != newer.client.mc_service_id)
      continue;
    for (const auto& [group_id, answers] : newer.awaited) {
      if (older.awaited.erase(group_id) == 0) continue;
      for (GroupAffiliation& one : older.groups) {
        if (one.group_id != group_id || one.cause == Cause::group_duplicate) continue;
        one.cause = Cause::superseded;
        if (!older.leaves) one.status = AffiliationStatus::rejected;
      }
    }
    if (older.awaited.empty()) done.push_back(number);
  }
  for (const std::uint64_t number : done) answer(context, number);
}

void PartnerAffiliation::answer_when_settled(engine::Context& context, Waiting waiting) {
  overtake(context, waiting);
  const std::uint64_t number = next_waiting_++;
  const bool at_once = waiting.awaited.empty();
  waiting_.emplace(number, std::move(waiting));
  if (at_once) return answer(context, number);
  context.deadlines.set({DeadlineKind::affiliation_answer, number},
                        context.now.mono + DurationMs{limits::exchange_ms});
}

void PartnerAffiliation::answer(engine::Context& context, std::uint64_t number) {
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

/// `awaited`: some client waits for it.
void PartnerAffiliation::settle(engine::Context& context, const ClientAddress& client, bool left,
                                const GroupAffiliation& group, bool& awaited) {
  std::vector<std::uint64_t> done;
  for (auto& [number, waiting] : waiting_) {
    if (waiting.leaves != left || waiting.client.mc_service_id != client.mc_service_id ||
        (waiting.scope == DeaffiliationScope::this_client && waiting.client != client))
      continue;
    const auto its = waiting.awaited.find(group.group_id);
    if (its == waiting.awaited.end()) continue;
    awaited = true;
    for (GroupAffiliation& one : waiting.groups) {
      if (one.group_id == group.group_id && one.cause != Cause::group_duplicate) one = group;
    }
    if (--its->second == 0) waiting.awaited.erase(its);
    if (waiting.awaited.empty()) done.push_back(number);
  }
  for (const std::uint64_t number : done) answer(context, number);
}

void PartnerAffiliation::on_answer_deadline(engine::Context& context, std::uint64_t number) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return;
  for (GroupAffiliation& one : found->second.groups) {
    if (found->second.awaited.contains(one.group_id) && one.cause == Cause::none)
      one.cause = Cause::timed_out;  // its status says that it is not settled yet
  }
  answer(context, number);
}

void PartnerAffiliation::on_client_gone(engine::Context& context, const ClientAddress& client) {
  for (auto entry = waiting_.begin(); entry != waiting_.end();) {
    if (entry->second.client != client) {
      ++entry;
      continue;
    }
    context.deadlines.clear({DeadlineKind::affiliation_answer, entry->first});
    entry = waiting_.erase(entry);
  }
}

// ---- Partners that are asked

void PartnerAffiliation::start(const engine::Context& context) {
  for (const auto& [key, value] :
       context.view.scan(store::prefix(store::RecordKind::affiliation))) {
    const ClientPlace client{{key.number_at(4)}, {key.number_at(12)}};
    const IdentityNumber group{key.number_at(8)};
    if (is_elsewhere(context, group)) doubted_.insert({client, group});
  }
  on_link_up();
}

void PartnerAffiliation::policy_changed(const engine::Context& context, IdentityNumber group) {
  if (!is_elsewhere(context, group)) return;
  for (const ClientPlace& client : affiliations_.places_of(group)) {
    doubted_.insert({client, group});
    to_look_.insert(client);
  }
}

void PartnerAffiliation::on_link_up() {
  for (const Affiliations::Pending& one : affiliations_.pending()) to_look_.insert(one.client);
  for (const Affiliations::Pending& one : doubted_) to_look_.insert(one.client);
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
  const UserAffiliations user(context, affiliations_, user_id);
  absl::btree_map<std::string, Asked> homes;
  const auto& pending = affiliations_.pending();
  for (auto one = pending.lower_bound(Affiliations::Pending{place, {}});
       one != pending.end() && one->client == place; ++one) {
    const std::string group_id(context.identities.text(context.view, one->group));
    const engine::Partner* home = context.configuration.home_of_group(group_id);
    const Affiliation* record = user.find(one->group, place.client);
    if (home == nullptr || record == nullptr) continue;
    Asked& asked = homes[home->system_id];
    auto& list = record->is_wanted() ? asked.affiliating : asked.deaffiliating;
    if (list.size() < limits::affiliation_groups_max) list.push_back(group_id);
  }
  for (auto one = doubted_.lower_bound(Affiliations::Pending{place, {}});
       one != doubted_.end() && one->client == place;) {
    const Affiliation* record = user.find(one->group, place.client);
    const std::string group_id(context.identities.text(context.view, one->group));
    const engine::Partner* home = context.configuration.home_of_group(group_id);
    if (home == nullptr || record == nullptr || record->is_pending()) {
      one = doubted_.erase(one);  // or it is asked for anyway
      continue;
    }
    Asked& asked = homes[home->system_id];
    if (asked.affiliating.size() < limits::affiliation_groups_max) {
      asked.affiliating.push_back(group_id);
      asked.doubted.push_back(one->group);
    }
    ++one;
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
  const auto profile = engine::find_user(context, client.mc_service_id);
  const bool leaves = !asked.deaffiliating.empty();
  if (!leaves && !profile) return;  // it is about to end
  const ExchangeId id = context.exchanges.next_id();
  const wire::Address address = context.request_to(system, id, DurationMs{limits::exchange_ms});
  const auto& groups = leaves ? asked.deaffiliating : asked.affiliating;
  const wire::AffiliatedClient affiliated{client.mc_service_id, client.client_id};
  context.post.send(system,
                    leaves ? wire::build_group_deaffiliation_request(address, affiliated, groups)
                           : wire::build_group_affiliation_request(address, affiliated, groups,
                                                                   profile->services),
                    engine::Priority::control);
  context.step_done(leaves ? "10.X.4.3/3" : "10.X.3.2.2/3", groups[0], system);
  context.exchanges.expect(system, id);
  context.exchanges.open(
      id, {system, leaves ? Body::GroupDeaffiliationRequest : Body::GroupAffiliationRequest,
           groups[0]});
  context.deadlines.set({DeadlineKind::exchange, id.value},
                        context.now.mono + DurationMs{limits::exchange_ms});
  flights_[id] = {system, place, leaves ? std::vector<IdentityNumber>{} : asked.doubted};
  for (const IdentityNumber group : flights_[id].doubted) doubted_.erase({place, group});
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
  UserAffiliations user(context, affiliations_, client.mc_service_id);
  std::vector<GroupAffiliation> ended;
  bool unasked = false;
  bool unsettled = false;
  for (const GroupAffiliation& one : groups) {
    const GroupAffiliation told = apply(context, user, flight.place, left, one);
    if (told.cause != Cause::none) context.refused(flight.system, one.group_id, told.cause);
    unsettled = unsettled || is_still_pending(context, user, flight.place, left, one.group_id);
    context.step_done(left ? "10.X.4.3/7" : "10.X.3.2.2/8", one.group_id, client.mc_service_id);
    bool awaited = false;
    settle(context, client, left, told, awaited);
    unasked = unasked || !awaited;
    if (!awaited && !left && told.status == AffiliationStatus::rejected)
      ended.push_back({told.group_id, AffiliationStatus::deaffiliated, told.cause, {}, {}});
  }
  if (unsettled) {
    // Not at once: it would be answered alike.
    to_look_.erase(flight.place);
    ask_again_later(context, limits::push_again_passing_ms);
  }
  if (!user.changed()) return;
  status_.changed(context, client.mc_service_id, unasked ? nullptr : &client);
  if (!ended.empty()) own::notify_ended(context, client.mc_service_id, ended);
}

void PartnerAffiliation::on_failure(engine::Context& context, ExchangeId id, Cause cause) {
  const auto found = flights_.find(id);
  if (found == flights_.end()) return context.exchanges.close(id);
  const Flight flight = found->second;
  context.refused(flight.system, "affiliation", cause);
  for (const IdentityNumber group : flight.doubted) doubted_.insert({flight.place, group});
  free_place(context, id);
  if (cause == Cause::unreachable) {
    to_look_.erase(flight.place);  // the next link looks at it
  } else if (cause != Cause::timed_out) {
    to_look_.erase(flight.place);
    ask_again_later(
        context, engine::is_passing(cause) ? limits::push_again_passing_ms : limits::push_again_ms);
  }
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
  std::vector<std::uint64_t> done;
  for (auto& [number, waiting] : waiting_) {
    for (GroupAffiliation& one : waiting.groups) {
      if (waiting.awaited.contains(one.group_id) && is_its_own(one.group_id) &&
          one.cause == Cause::none)
        one.cause = Cause::unreachable;
    }
    const std::size_t left =
        absl::erase_if(waiting.awaited, [&](const auto& entry) { return is_its_own(entry.first); });
    if (left != 0 && waiting.awaited.empty()) done.push_back(number);
  }
  for (const std::uint64_t number : done) answer(context, number);
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
  for (auto one = doubted_.lower_bound(Affiliations::Pending{{flight.place.user, {}}, {}});
       one != doubted_.end() && one->client.user == flight.place.user; ++one)
    to_look_.insert(one->client);
}

}  // namespace bivouac::mcs::asking
