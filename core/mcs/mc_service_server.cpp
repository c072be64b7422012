// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/mc_service_server.h"

#include <vector>

#include "core/base/planted.h"
#include "core/mcs/group_configuration.h"
#include "core/mcs/own/deaffiliation.h"
#include "core/mcs/own/log_on.h"

namespace bivouac::mcs {

using wire::fb::Body;

void McServiceServer::start(engine::Context& context, Services told) {
  doubted_.bits = Services::all().bits & ~told.bits & 0xFFU;
  affiliations_.start(context.view);
  review_.start(context);
  partner_.on_link_up();
}

bool McServiceServer::on_message(engine::Context& context, const wire::fb::Envelope& envelope) {
  switch (envelope.body_type()) {
    case Body::NotifyGroupConfigurationRequest:
      group_configuration::on_notify(context, envelope);
      return true;
    case Body::GetGroupConfigurationResponse:
      on_policy_settled(context, {envelope.exchange()},
                        group_configuration::on_response(context, envelope));
      return true;
    case Body::LogOnRequest: on_log_on(context, envelope); return true;
    case Body::LogOffRequest:
      own::log_on::on_log_off(context, envelope);
      client_logs_off(context, engine::client_of(envelope));
      return true;
    case Body::LogOffResponse: return true;  // we did not wait for it
    case Body::ClientGroupAffiliationRequest:
    case Body::ClientGroupDeaffiliationRequest:
    case Body::SubscribeAffiliationStatusRequest:
    case Body::ClientNotifyAffiliationStatusResponse:
    case Body::GroupAffiliationRequest:
    case Body::GroupDeaffiliationRequest:
    case Body::GroupAffiliationResponse:
    case Body::GroupDeaffiliationResponse: on_affiliation(context, envelope); return true;
    case Body::GroupAffiliationExchangeRequest:
      hosted_exchange_.on_request(context, envelope);
      return true;
    case Body::GroupAffiliationExchangeResponse:
      exchange_.on_response(context, envelope);
      return true;
    case Body::GroupAffiliationExchangeNotification:
      exchange_.on_notification(envelope.origin()->string_view());
      return true;
    case Body::LogOnResponse:
    case Body::ClientGetGroupConfigurationRequest:
    case Body::ClientGetGroupConfigurationResponse:
    case Body::SubscribeGroupConfigurationRequest:
    case Body::SubscribeGroupConfigurationResponse:
    case Body::ClientNotifyGroupConfigurationRequest:
    case Body::ClientNotifyGroupConfigurationResponse:
    case Body::ClientGroupAffiliationResponse:
    case Body::GroupAffiliationStatusUpdate:
    case Body::ClientGroupDeaffiliationResponse:
    case Body::GroupDeaffiliationStatusUpdate:
    case Body::ClientGroupDeaffiliationNotification:
    case Body::SubscribeAffiliationStatusResponse:
    case Body::ClientNotifyAffiliationStatusRequest:
    case Body::NONE:
    case Body::Hello:
    case Body::Heartbeat:
    case Body::Refusal:
    case Body::GroupConfigurationProvisionRequest:
    case Body::GroupConfigurationProvisionResponse:
    case Body::GroupConfigurationRequest:
    case Body::GroupConfigurationResponse:
    case Body::GetGroupConfigurationRequest:
    case Body::NotifyGroupConfigurationResponse:
    case Body::GroupInformationSubscribeRequest:
    case Body::GroupInformationSubscribeResponse:
    case Body::GroupInformationNotifyRequest:
    case Body::GroupInformationNotifyResponse:
    case Body::PresenceRequest:
    case Body::PresenceResponse: return false;
  }
  return false;
}

void McServiceServer::on_affiliation(engine::Context& context, const wire::fb::Envelope& envelope) {
  const Body type = envelope.body_type();
  if (type == Body::ClientGroupAffiliationRequest) {
    const bool leaving = review_.is_leaving(context, engine::client_of(envelope));
    affiliation_.on_request(context, envelope, leaving);
  } else if (type == Body::ClientGroupDeaffiliationRequest) {
    own::deaffiliation::on_request(context, envelope,
                                   {affiliations_, status_, partner_, affiliation_});
  } else if (type == Body::SubscribeAffiliationStatusRequest) {
    status_.on_subscribe(context, envelope, affiliations_);
  } else if (type == Body::GroupAffiliationRequest) {
    hosted_.on_request(context, envelope);
  } else if (type == Body::GroupDeaffiliationRequest) {
    hosted_.on_deaffiliation(context, envelope);
  } else if (type == Body::GroupAffiliationResponse || type == Body::GroupDeaffiliationResponse) {
    partner_.on_response(context, envelope);
  } else {
    status_.on_response(context, envelope);
  }
}

void McServiceServer::on_deadline(engine::Context& context, engine::DeadlineId id) {
  if (id.kind == engine::DeadlineKind::affiliation_grace) {
    review_.on_grace_end(context, id.number);
  } else if (id.kind == engine::DeadlineKind::affiliation_answer) {
    partner_.clients().on_deadline(context, id.number);
  } else {
    partner_.on_again();
    exchange_.on_again();
  }
}

void McServiceServer::on_refusal(engine::Context& context, const wire::fb::Envelope& envelope,
                                 const engine::Exchange& exchange) {
  const ExchangeId id{envelope.exchange()};
  const Cause cause =
      engine::outcome(wire::fb::Result::failure, envelope.body_as_Refusal()->cause());
  if (exchange.request == Body::GroupAffiliationExchangeRequest) {
    exchange_.on_failure(context, id, cause);
  } else if (exchange.request == Body::GroupAffiliationRequest ||
             exchange.request == Body::GroupDeaffiliationRequest) {
    partner_.on_failure(context, id, cause);
  }
}

void McServiceServer::on_policy_settled(engine::Context& context, ExchangeId id, Cause cause) {
  prefetch_.settled(id);
  affiliation_.policy_settled(context, id, cause);
  hosted_.policy_settled(context, id, cause);
  review_.policy_settled(id, cause);
}

void McServiceServer::on_log_on(engine::Context& context, const wire::fb::Envelope& envelope) {
  const engine::ClientAddress client = engine::client_of(envelope);
  const bool was_logged_on = context.log_ons.find(client) != nullptr;
  if (!own::log_on::on_request(context, envelope)) {
    if (was_logged_on) client_left(context, client);
    return;
  }
  prefetch_.user_logged_on(client.mc_service_id);
  if (was_logged_on) return;
  review_.client_came(context, client);
  status_.client_came(client);
  affiliation_.affiliate_implicitly(context, client);
}

/// We have logged it off: its affiliations end with it.
void McServiceServer::client_left(engine::Context& context, const engine::ClientAddress& client) {
  stop_waiting(context, client);
  review_.client_left(context, client);
}

void McServiceServer::client_logs_off(engine::Context& context,
                                      const engine::ClientAddress& client) {
  stop_waiting(context, client);
  if (!is_planted(Planted::log_off_without_leaving)) review_.client_logs_off(context, client);
}

void McServiceServer::stop_waiting(engine::Context& context, const engine::ClientAddress& client) {
  affiliation_.on_client_gone(client);
  partner_.clients().on_client_gone(context, client);
  status_.on_client_gone(context, client);
}

bool McServiceServer::go_on(engine::Context& context) {
  if (group_configuration::forget_some(context, doubted_)) return true;
  doubted_ = {};
  for (const IdentityNumber user : partner_.take_returned()) review_.user_changed(user);
  // A client that has left and come again is affiliated after what it left is gone.
  if (review_.go_on(context)) return true;
  if (affiliation_.go_on(context)) return true;
  if (hosted_.go_on(context)) return true;
  for (const std::string& system : review_.take_changed_homes()) hosted_exchange_.changed(system);
  if (hosted_exchange_.go_on(context)) return true;
  if (exchange_.go_on(context)) return true;
  if (partner_.go_on(context)) return true;
  if (status_.go_on(context, affiliations_)) return true;
  return prefetch_.go_on(context);
}

void McServiceServer::on_client_gone(engine::Context& context,
                                     const engine::ClientAddress& client) {
  own::log_on::on_gone(context, client);
  stop_waiting(context, client);
  review_.client_gone(context, client);
}

void McServiceServer::on_user_changed(engine::Context& context, std::string_view mc_service_id) {
  const auto [first, last] = context.log_ons.of(mc_service_id);
  std::vector<engine::ClientAddress> clients;
  for (auto entry = first; entry != last; ++entry) clients.push_back(entry->first);
  own::log_on::judge_again(context, mc_service_id);
  for (const engine::ClientAddress& client : clients) {
    if (context.log_ons.find(client) == nullptr) client_left(context, client);
  }
  review_.user_changed(context.identities.find(mc_service_id));
  status_.rights_changed(context, mc_service_id);
  if (context.log_ons.count_of(mc_service_id) > 0) prefetch_.user_logged_on(mc_service_id);
}

void McServiceServer::on_timeout(engine::Context& context, ExchangeId id,
                                 const engine::Exchange& exchange) {
  if (exchange.request == Body::GetGroupConfigurationRequest) {
    group_configuration::on_timeout(context, id);
    on_policy_settled(context, id, Cause::timed_out);
  } else if (exchange.request == Body::ClientNotifyAffiliationStatusRequest) {
    status_.on_timeout(context, id);
  } else if (exchange.request == Body::GroupAffiliationRequest ||
             exchange.request == Body::GroupDeaffiliationRequest) {
    partner_.on_failure(context, id, Cause::timed_out);
  } else if (exchange.request == Body::GroupAffiliationExchangeRequest) {
    exchange_.on_failure(context, id, Cause::timed_out);
  }
}

void McServiceServer::on_link_up(const engine::Context& context, std::string_view system_id) {
  prefetch_.link_came_up(context);
  review_.link_came_up();
  partner_.on_link_up();
  exchange_.on_link_up(system_id);
  hosted_exchange_.on_link_up(system_id);
}

void McServiceServer::on_link_down(engine::Context& context, std::string_view system_id) {
  partner_.on_link_down(context, system_id);
  exchange_.on_link_down(context, system_id);
  hosted_exchange_.on_link_down(system_id);
}

}  // namespace bivouac::mcs
