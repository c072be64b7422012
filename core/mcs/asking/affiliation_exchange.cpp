// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/asking/affiliation_exchange.h"

#include <algorithm>
#include <utility>

#include "core/wire/affiliation_codec.h"
#include "core/wire/build_affiliation.h"

namespace bivouac::mcs::asking {
namespace {

using engine::DeadlineKind;
using wire::fb::Body;

/// Each costs a record, a note, and two identities at most.
constexpr std::size_t doubted_per_slice = 32;
static_assert(4 * doubted_per_slice < limits::effects_max);

bool is_at(const engine::Context& context, std::string_view group_id, std::string_view system) {
  const engine::Partner* home = context.configuration.home_of_group(group_id);
  return home != nullptr && home->system_id == system;
}

const GroupAffiliation* find_in(const HostedUser& told, std::string_view group_id,
                                std::string_view client_id) {
  const auto found = std::ranges::find_if(told.groups, [&](const GroupAffiliation& one) {
    return one.group_id == group_id && one.client_id == client_id;
  });
  return found == told.groups.end() ? nullptr : &*found;
}

/// Known here as settled, and not so to the partner: it is asked again.
std::size_t doubt_ours(const engine::Context& context, UserAffiliations& user,
                       std::string_view system, const HostedUser& told) {
  std::size_t doubted = 0;
  const std::vector<Affiliation> all = user.all();
  for (Affiliation one : all) {
    const std::string_view group_id = context.identities.text(context.view, one.group);
    if (doubted == doubted_per_slice) break;
    if (one.status != AffiliationStatus::affiliated || !is_at(context, group_id, system)) continue;
    const GroupAffiliation* theirs =
        find_in(told, group_id, context.identities.text(context.view, one.client));
    if (theirs != nullptr && theirs->services == one.services) continue;
    one.status = AffiliationStatus::affiliating;
    one.services = {};
    user.put(one, one.changed_by);
    ++doubted;
  }
  return doubted;
}

/// Held by the partner only: it is told that nobody wants it. Refused: identity_limit, overloaded.
Cause doubt_theirs(engine::Context& context, const Affiliations& affiliations,
                   UserAffiliations& user, const GroupAffiliation& theirs) {
  if (!user.number().is_set()) return Cause::identity_limit;
  if (user.all().size() >= limits::affiliations_per_user_max ||
      affiliations.count() >= limits::affiliations_max)
    return Cause::overloaded;
  Affiliation unwanted;
  unwanted.status = AffiliationStatus::deaffiliating;
  unwanted.cause = Cause::not_logged_on;  // it is not its user who leaves, as far as we know
  const auto group = context.identities.intern(context.effects, theirs.group_id);
  if (!group) return group.error();
  unwanted.group = *group;
  if (!theirs.client_id.empty()) {
    const auto client = context.identities.intern(context.effects, theirs.client_id);
    if (!client) return client.error();
    unwanted.client = *client;
  }
  user.put(unwanted, user.number());
  return Cause::none;
}

bool is_held(const engine::Context& context, const UserAffiliations& user,
             const GroupAffiliation& theirs) {
  const IdentityNumber group = context.identities.find(theirs.group_id);
  const IdentityNumber client = context.identities.find(theirs.client_id);
  return group.is_set() && (client.is_set() || theirs.client_id.empty()) &&
         user.find(group, client) != nullptr;
}

}  // namespace

void AffiliationExchange::on_link_up(std::string_view system) {
  talks_.insert_or_assign(std::string(system), Talk{});
}

void AffiliationExchange::on_link_down(engine::Context& context, std::string_view system) {
  const auto talk = talks_.find(system);
  if (talk == talks_.end()) return;
  end_request(context, talk->first, talk->second);
  talks_.erase(talk);
}

/// What is on the way from the first user on will see all that the partner holds; else once more.
void AffiliationExchange::on_notification(std::string_view system) {
  const auto found = talks_.find(system);
  if (found == talks_.end()) return;
  Talk& talk = found->second;
  talk.asks_anyway = true;
  if (talk.on_the_way.is_set()) {
    talk.once_more = !talk.after.empty();
  } else {
    talk.after.clear();
    talk.done = false;
  }
}

bool AffiliationExchange::go_on(engine::Context& context) {
  for (auto& [system, talk] : talks_) {
    if (!talk.differ.empty()) {
      if (!doubt_some(context, system, talk.differ.front())) talk.differ.pop_front();
      return true;
    }
    if (talk.done || talk.on_the_way.is_set() || !context.post.is_reachable(system)) continue;
    ask(context, system, talk);
    return true;
  }
  return false;
}

void AffiliationExchange::ask(engine::Context& context, const std::string& system, Talk& talk) {
  UserRange range{talk.after, {}};
  const auto ids = users_in(context, range, [&](std::string_view user) {
    return context.configuration.home_of_user(user) == nullptr;
  });
  const ComparedStores stores{context.incarnation, context.post.incarnation_of(system)};
  std::vector<AffiliatedUser> users;
  for (const std::string& id : ids) {
    const std::uint64_t digest = digest_of(stores, settled_at(context, affiliations_, id, system));
    if (digest != 0) users.push_back({id, digest});
  }
  if (users.empty() && !talk.asks_anyway) {
    talk.after = range.until;
    talk.done = range.until.empty();
    return;
  }
  const ExchangeId id = context.exchanges.next_id();
  context.post.send(system,
                    wire::build_group_affiliation_exchange_request(
                        context.request_to(system, id, DurationMs{limits::exchange_ms}), users,
                        talk.after, range.until),
                    engine::Priority::control);  // not behind what it is to be compared with
  context.exchanges.expect(system, id);
  context.exchanges.open(id, {system, Body::GroupAffiliationExchangeRequest, {}});
  context.deadlines.set({DeadlineKind::exchange, id.value},
                        context.now.mono + DurationMs{limits::exchange_ms});
  talk.on_the_way = id;
}

void AffiliationExchange::end_request(engine::Context& context, const std::string& system,
                                      Talk& talk) {
  if (!talk.on_the_way.is_set()) return;
  context.exchanges.close(talk.on_the_way);
  context.exchanges.settle(system, talk.on_the_way);
  context.deadlines.clear({DeadlineKind::exchange, talk.on_the_way.value});
  talk.on_the_way = {};
}

void AffiliationExchange::on_response(engine::Context& context,
                                      const wire::fb::Envelope& envelope) {
  const auto& response = *envelope.body_as_GroupAffiliationExchangeResponse();
  const auto talk = talks_.find(envelope.origin()->string_view());
  if (talk == talks_.end() || talk->second.on_the_way != ExchangeId{envelope.exchange()}) {
    affiliations_.refused(context, envelope.origin()->string_view(), "affiliation",
                          Cause::message_unexpected);
    return;
  }
  end_request(context, talk->first, talk->second);
  const std::string until = response.until() == nullptr ? "" : response.until()->str();
  if (!until.empty() && until <= talk->second.after) {
    affiliations_.refused(context, talk->first, "affiliation",
                          Cause::value_out_of_range);  // it would never end
    talk->second.done = true;
    return;
  }
  for (HostedUser& user : wire::unpack(response.users()))
    talk->second.differ.push_back(std::move(user));
  const bool once_more = std::exchange(talk->second.once_more, false);
  talk->second.after = once_more ? "" : until;
  talk->second.done = until.empty() && !once_more;
}

void AffiliationExchange::on_failure(engine::Context& context, ExchangeId id, Cause cause) {
  for (auto& [system, talk] : talks_) {
    if (talk.on_the_way != id) continue;
    affiliations_.refused(context, system, "affiliation", cause);
    end_request(context, system, talk);
    talk.done = true;
    talk.failed = engine::is_passing(cause);
    if (talk.failed) {
      context.deadlines.set({DeadlineKind::affiliation_again, 0},
                            context.now.mono + DurationMs{limits::push_again_passing_ms});
    }
    return;
  }
  context.exchanges.close(id);
}

void AffiliationExchange::on_again() {
  for (auto& [system, talk] : talks_) {
    if (std::exchange(talk.failed, false)) talk.done = false;  // from where it has come to
  }
}

/// One slice of one user; true when there is more of that user.
bool AffiliationExchange::doubt_some(engine::Context& context, std::string_view system,
                                     const HostedUser& told) {
  if (context.configuration.home_of_user(told.mc_service_id) != nullptr) {
    affiliations_.refused(context, system, told.mc_service_id, Cause::user_of_another);
    return false;
  }
  static_cast<void>(context.identities.intern(context.effects, told.mc_service_id));
  UserAffiliations user(context, affiliations_, told.mc_service_id,
                        {AffiliationGround::exchange, system});
  std::size_t doubted = doubt_ours(context, user, system, told);
  for (const GroupAffiliation& theirs : told.groups) {
    if (doubted == doubted_per_slice) break;
    if (is_held(context, user, theirs)) continue;
    Cause cause = Cause::not_home_here;
    if (is_at(context, theirs.group_id, system))
      cause = doubt_theirs(context, affiliations_, user, theirs);
    if (cause != Cause::none) affiliations_.refused(context, system, theirs.group_id, cause);
    if (cause == Cause::none) ++doubted;
  }
  if (user.changed()) status_.changed(context, told.mc_service_id);
  return doubted == doubted_per_slice;
}

}  // namespace bivouac::mcs::asking
