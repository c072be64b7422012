// SPDX-License-Identifier: Apache-2.0
// The group management client in an MC service client: what it asks, and what it is told.
#include <algorithm>

#include "core/client/mc_service_client.h"
#include "core/engine/context.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/key_envelope_codec.h"

namespace bivouac::client {

using wire::fb::Body;

namespace {

bool has_stranger(const wire::KeyEnvelopes* envelopes, std::string_view user) {
  return envelopes != nullptr && std::ranges::any_of(*envelopes, [&](const auto* one) {
           return one->recipient()->string_view() != user;
         });
}

}  // namespace

void McServiceClient::get(Now now, engine::Effects& effects, std::string_view group_id) {
  if (!logged_on_) return report(Report::Kind::refused, group_id, Cause::not_logged_on);
  const wire::Address address =
      request(now, {Body::ClientGetGroupConfigurationRequest, std::string(group_id)});
  effects.send(connection_, wire::build_client_get_group_configuration_request(address, group_id));
}

void McServiceClient::subscribe(Now now, engine::Effects& effects, std::string_view group_id) {
  const auto [entry, added] = subscriptions_.try_emplace(std::string(group_id), false);
  if (logged_on_ && !entry->second) send_subscribe(now, effects, entry->first, false);
}

void McServiceClient::unsubscribe(Now now, engine::Effects& effects, std::string_view group_id) {
  const std::string group(group_id);
  if (subscriptions_.erase(group) == 0) return;
  copies_.erase(group);
  if (logged_on_) send_subscribe(now, effects, group, true);
}

void McServiceClient::send_subscribe(Now now, engine::Effects& effects, const std::string& group_id,
                                     bool unsubscribe) {
  const auto copy = copies_.find(group_id);
  const std::uint64_t known = copy == copies_.end() ? 0 : copy->second.digest;
  const wire::Address address =
      request(now, {Body::SubscribeGroupConfigurationRequest, group_id, unsubscribe});
  effects.send(connection_, wire::build_subscribe_group_configuration_request(
                                address, group_id, unsubscribe ? 0 : known, unsubscribe));
}

void McServiceClient::drop_copies(Cause cause) {
  for (const auto& [group_id, copy] : copies_) report(Report::Kind::withdrawn, group_id, cause);
  copies_.clear();
}

void McServiceClient::on_got(const wire::fb::ClientGetGroupConfigurationResponse& response) {
  Cause cause = engine::outcome(response.result(), response.cause());
  if (has_stranger(response.key_envelopes(), options_.mc_service_id)) cause = Cause::key_stranger;
  if (cause != Cause::none)
    return report(Report::Kind::refused, response.group_id()->string_view(), cause);
  report(Report::Kind::got, response.group_id()->string_view());
  Report& made = reports_.back();
  made.configuration = wire::unpack(*response.configuration());
  made.stale = response.stale();
  made.age_ms = response.age_ms();
  made.keys = wire::unpack(response.key_envelopes());
}

void McServiceClient::on_subscribed(const Pending& pending, Cause cause) {
  const auto subscription = subscriptions_.find(pending.group_id);
  if (pending.unsubscribe) return report(Report::Kind::unsubscribed, pending.group_id, cause);
  if (subscription == subscriptions_.end()) return;  // changed its mind
  subscription->second = cause == Cause::none;
  if (cause == Cause::none) {
    // What differs from what it said it knew is told next, and that it is fresh.
    return report(Report::Kind::subscribed, pending.group_id);
  }
  if (!engine::is_passing(cause) && copies_.erase(pending.group_id) != 0)
    report(Report::Kind::withdrawn, pending.group_id, cause);
  report(Report::Kind::refused, pending.group_id, cause);
}

void McServiceClient::on_notify(const wire::fb::Envelope& envelope, engine::Effects& effects) {
  const auto& m = *envelope.body_as_ClientNotifyGroupConfigurationRequest();
  const std::string group_id = m.group_id()->str();
  Cause cause = Cause::none;
  // What was on the way when it logged off is not for it any more.
  if (!logged_on_ || !subscriptions_.contains(group_id)) {
    cause = Cause::message_unexpected;
  } else if (has_stranger(m.key_envelopes(), options_.mc_service_id)) {
    cause = Cause::key_stranger;
  } else if (m.withdrawn()) {
    copies_.erase(group_id);
    report(Report::Kind::withdrawn, group_id,
           engine::outcome(wire::fb::Result::failure, m.cause()));
  } else if (m.configuration() != nullptr) {
    copies_[group_id] = {wire::unpack(*m.configuration()), m.digest(), m.stale(), m.age_ms(),
                         wire::unpack(m.key_envelopes())};
    report(Report::Kind::notified, group_id);
  } else if (const auto copy = copies_.find(group_id);
             copy != copies_.end() && copy->second.digest == m.digest()) {
    copy->second.stale = m.stale();
    copy->second.age_ms = m.age_ms();
    report(Report::Kind::freshness, group_id);
  } else {
    cause = Cause::group_unknown;  // what became stale is not here
  }
  if (cause == Cause::none) {
    reports_.back().stale = m.stale();
    reports_.back().age_ms = m.age_ms();
  }
  effects.send(connection_, wire::build_client_notify_group_configuration_response(
                                answer(envelope), group_id, cause));
}

}  // namespace bivouac::client
