// SPDX-License-Identifier: Apache-2.0
// Affiliation and de-affiliation in an MC service client: what it asks, and what it is told.
#include <algorithm>

#include "core/client/mc_service_client.h"
#include "core/engine/context.h"
#include "core/wire/affiliation_codec.h"
#include "core/wire/build_affiliation.h"

namespace bivouac::client {

using wire::fb::Body;

namespace {

bool is_too_long(const std::vector<std::string>& group_ids) {
  return group_ids.size() > limits::affiliation_groups_max;
}

}  // namespace

/// Step 1 of 10.X.3.1.
void McServiceClient::affiliate(Now now, engine::Effects& effects,
                                std::vector<std::string> group_ids) {
  Pending pending{Body::ClientGroupAffiliationRequest, {}, false, std::move(group_ids)};
  if (!logged_on_) return fail(pending, now, Cause::not_logged_on);
  if (is_too_long(pending.group_ids)) return fail(pending, now, Cause::too_many_elements);
  if (pending.group_ids.empty()) return;
  const std::vector<std::string> groups = pending.group_ids;
  const wire::Address address = request(now, std::move(pending));
  effects.send(connection_, wire::build_client_group_affiliation_request(
                                address, options_.mc_service_id, groups));
}

/// Step 1 of 10.X.4.2.
void McServiceClient::deaffiliate(Now now, engine::Effects& effects,
                                  std::vector<std::string> group_ids, DeaffiliationScope scope) {
  Pending pending{Body::ClientGroupDeaffiliationRequest, {}, false, std::move(group_ids)};
  if (!logged_on_) return fail(pending, now, Cause::not_logged_on);
  if (is_too_long(pending.group_ids)) return fail(pending, now, Cause::too_many_elements);
  if (pending.group_ids.empty()) return;
  const std::vector<std::string> groups = pending.group_ids;
  const wire::Address address = request(now, std::move(pending));
  effects.send(connection_, wire::build_client_group_deaffiliation_request(
                                address, options_.mc_service_id, groups, scope));
}

void McServiceClient::watch_affiliations(Now now, engine::Effects& effects,
                                         std::string_view mc_service_id) {
  watched_.emplace(mc_service_id);
  if (logged_on_) send_watch(now, effects, std::string(mc_service_id), false);
}

void McServiceClient::unwatch_affiliations(Now now, engine::Effects& effects,
                                           std::string_view mc_service_id) {
  const std::string user(mc_service_id);
  if (watched_.erase(user) == 0) return;
  if (user != options_.mc_service_id) affiliations_.erase(user);
  if (logged_on_) send_watch(now, effects, user, true);
}

void McServiceClient::send_watch(Now now, engine::Effects& effects, const std::string& user,
                                 bool unsubscribe) {
  const wire::Address address =
      request(now, {Body::SubscribeAffiliationStatusRequest, user, unsubscribe, {}});
  effects.send(connection_,
               wire::build_subscribe_affiliation_status_request(address, user, unsubscribe));
}

const GroupAffiliation* McServiceClient::affiliation(std::string_view group_id) const {
  const auto own = affiliations_.find(options_.mc_service_id);
  if (own == affiliations_.end()) return nullptr;
  const auto found = std::ranges::find_if(own->second, [&](const GroupAffiliation& one) {
    return one.group_id == group_id && one.client_id == options_.client_id;
  });
  return found == own->second.end() ? nullptr : &*found;
}

void McServiceClient::report_group(Report::Kind kind, const GroupAffiliation& group) {
  report(kind, group.group_id, group.cause);
  reports_.back().status = group.status;
  reports_.back().affiliations = {group};
  reports_.back().mc_service_id = options_.mc_service_id;
}

/// Of this client; the others of its user are told of by the server.
void McServiceClient::learn(const GroupAffiliation& told, bool leaves, bool all_clients) {
  auto& own = affiliations_[options_.mc_service_id];
  const bool holds =
      told.status == AffiliationStatus::affiliated || told.status == AffiliationStatus::affiliating;
  if (told.status == AffiliationStatus::rejected) {
    // A list of the server's may have named it while its home had not answered yet.
    if (told.cause == Cause::group_duplicate || leaves) return;
    std::erase_if(own, [&](const GroupAffiliation& one) {
      return one.group_id == told.group_id && one.client_id == options_.client_id &&
             one.status == AffiliationStatus::affiliating;
    });
    return;
  }
  std::erase_if(own, [&](const GroupAffiliation& one) {
    return one.group_id == told.group_id && (all_clients || one.client_id == options_.client_id);
  });
  if (!holds) return;
  own.push_back(told);
  own.back().client_id = options_.client_id;
}

bool McServiceClient::on_affiliation_answer(const Pending& pending,
                                            const wire::fb::Envelope& envelope) {
  if (const auto* m = envelope.body_as_ClientGroupAffiliationResponse();
      m != nullptr && pending.request == Body::ClientGroupAffiliationRequest) {
    on_affiliated(*m);
  } else if (const auto* left = envelope.body_as_ClientGroupDeaffiliationResponse();
             left != nullptr && pending.request == Body::ClientGroupDeaffiliationRequest) {
    on_deaffiliated(*left);
  } else if (const auto* status = envelope.body_as_SubscribeAffiliationStatusResponse();
             status != nullptr && pending.request == Body::SubscribeAffiliationStatusRequest) {
    on_watched(pending, *status);
  } else {
    return false;
  }
  return true;
}

/// Step 5a of 10.X.3.1.
void McServiceClient::on_affiliated(const wire::fb::ClientGroupAffiliationResponse& response) {
  for (const GroupAffiliation& one : wire::unpack(response.groups())) {
    learn(one, false, false);
    report_group(Report::Kind::affiliation, one);
  }
}

/// Step 4a of 10.X.4.2.
void McServiceClient::on_deaffiliated(const wire::fb::ClientGroupDeaffiliationResponse& response) {
  const bool all = response.scope() == wire::fb::DeaffiliationScope::all_clients;
  for (const GroupAffiliation& one : wire::unpack(response.groups())) {
    learn(one, true, all);
    report_group(Report::Kind::affiliation, one);
  }
}

void McServiceClient::on_watched(const Pending& pending,
                                 const wire::fb::SubscribeAffiliationStatusResponse& response) {
  const Cause cause = engine::outcome(response.result(), response.cause());
  if (pending.unsubscribe) return;
  if (cause != Cause::none) return stop_watching(pending.group_id, cause);
  if (!watched_.contains(pending.group_id)) return;  // changed its mind
  take_affiliations(pending.group_id, wire::unpack(response.groups()));
}

/// The server refuses it; what was told before is not known to be true any more.
void McServiceClient::stop_watching(const std::string& user, Cause cause) {
  watched_.erase(user);
  if (user != options_.mc_service_id) affiliations_.erase(user);
  report(Report::Kind::refused, {}, cause);
  reports_.back().mc_service_id = user;
}

void McServiceClient::take_affiliations(const std::string& user,
                                        std::vector<GroupAffiliation> groups) {
  affiliations_[user] = groups;
  report(Report::Kind::affiliations);
  reports_.back().mc_service_id = user;
  reports_.back().affiliations = std::move(groups);
}

void McServiceClient::on_affiliation_status(const wire::fb::Envelope& envelope,
                                            engine::Effects& effects) {
  const auto& m = *envelope.body_as_ClientNotifyAffiliationStatusRequest();
  const std::string user = m.mc_service_id()->str();
  const bool wanted = user == options_.mc_service_id || watched_.contains(user);
  if (wanted && m.cause() != 0) {
    stop_watching(user, engine::outcome(wire::fb::Result::failure, m.cause()));
  } else if (wanted) {
    take_affiliations(user, wire::unpack(m.groups()));
  }
  effects.send(connection_,
               wire::build_client_notify_affiliation_status_response(
                   answer(envelope), user, wanted ? Cause::none : Cause::message_unexpected));
}

/// What ended without our asking, for whichever of the user's clients.
void McServiceClient::on_ended(const wire::fb::ClientGroupDeaffiliationNotification& notification) {
  if (notification.mc_service_id()->string_view() != options_.mc_service_id) return;
  for (const GroupAffiliation& one : wire::unpack(notification.groups())) {
    learn(one, true, true);
    report_group(Report::Kind::deaffiliated, one);
  }
}

}  // namespace bivouac::client
