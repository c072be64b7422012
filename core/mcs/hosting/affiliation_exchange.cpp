// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/hosting/affiliation_exchange.h"

#include <algorithm>

#include "core/base/planted.h"
#include "core/wire/affiliation_codec.h"
#include "core/wire/build_affiliation.h"

namespace bivouac::mcs::hosting {
namespace {

bool is_user_of(const engine::Context& context, std::string_view user, std::string_view system) {
  const engine::Partner* home = context.configuration.home_of_user(user);
  return home != nullptr && home->system_id == system;
}

/// Those whom one side or the other knows, in their order.
std::vector<AffiliatedUser> merge(std::vector<AffiliatedUser> told,
                                  const std::vector<std::string>& held, std::string_view until) {
  if (!until.empty())
    std::erase_if(told, [&](const AffiliatedUser& one) { return one.mc_service_id > until; });
  for (const std::string& user : held) {
    const auto at = std::ranges::lower_bound(told, user, {}, &AffiliatedUser::mc_service_id);
    if (at == told.end() || at->mc_service_id != user) told.insert(at, {user, 0});
  }
  return told;
}

}  // namespace

void HostedAffiliationExchange::on_request(engine::Context& context,
                                           const wire::fb::Envelope& envelope) {
  const auto& request = *envelope.body_as_GroupAffiliationExchangeRequest();
  const std::string_view system = envelope.origin()->string_view();
  const ComparedStores stores{{envelope.origin_incarnation()}, context.incarnation};
  UserRange range{request.after() == nullptr ? "" : request.after()->str(),
                  request.until() == nullptr ? "" : request.until()->str()};
  const auto held = users_in(
      context, range, [&](std::string_view user) { return is_user_of(context, user, system); });
  std::vector<HostedUser> differ;
  std::size_t count = 0;
  std::string before;
  for (const AffiliatedUser& one : merge(wire::unpack(request.users()), held, range.until)) {
    HostedUser user{one.mc_service_id, {}};
    if (is_user_of(context, one.mc_service_id, system))
      user.groups = settled_at(context, affiliations_, one.mc_service_id, context.self());
    if (digest_of(stores, user.groups) == one.digest || is_planted(Planted::difference_ignored))
      continue;
    const bool full =
        differ.size() == limits::exchanged_users_max ||
        (count != 0 && count + user.groups.size() > limits::exchanged_affiliations_max);
    if (full) {
      range.until = before;
      break;
    }
    count += user.groups.size();
    differ.push_back(std::move(user));
    before = differ.back().mc_service_id;
  }
  to_notify_.erase(system);  // it asks by itself
  context.post.send(system,
                    wire::build_group_affiliation_exchange_response(context.answer_to(envelope),
                                                                    differ, range.until),
                    engine::Priority::control);
}

bool HostedAffiliationExchange::go_on(engine::Context& context) {
  if (to_notify_.empty()) return false;
  const auto& [system, notice] = *to_notify_.begin();
  if (!notice.certain && !holds_any(context)) return true;
  if (context.post.is_reachable(system)) {
    context.post.send(system,
                      wire::build_group_affiliation_exchange_notification(context.request_to(
                          system, context.exchanges.next_id(), DurationMs{limits::exchange_ms})),
                      engine::Priority::control);
  }
  to_notify_.erase(to_notify_.begin());
  return true;
}

/// Of the first system's users; when it is not known yet, or when there is none, the place is
/// updated or given up.
bool HostedAffiliationExchange::holds_any(const engine::Context& context) {
  const auto entry = to_notify_.begin();
  UserRange range{entry->second.after, {}};
  const auto held = users_in(context, range, [&](std::string_view user) {
    return is_user_of(context, user, entry->first);
  });
  if (!held.empty()) return true;
  entry->second.after = range.until;
  if (range.until.empty()) to_notify_.erase(entry);
  return false;
}

}  // namespace bivouac::mcs::hosting
