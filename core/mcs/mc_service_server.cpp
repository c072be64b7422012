// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/mc_service_server.h"

#include "core/mcs/group_configuration.h"
#include "core/mcs/own/log_on.h"

namespace bivouac::mcs {

using wire::fb::Body;

bool McServiceServer::on_message(engine::Context& context, const wire::fb::Envelope& envelope) {
  switch (envelope.body_type()) {
    case Body::NotifyGroupConfigurationRequest:
      group_configuration::on_notify(context, envelope);
      return true;
    case Body::GetGroupConfigurationResponse:
      group_configuration::on_response(context, envelope);
      prefetch_.settled({envelope.exchange()});
      return true;
    case Body::LogOnRequest:
      if (own::log_on::on_request(context, envelope))
        prefetch_.user_logged_on(envelope.origin()->string_view());
      return true;
    case Body::LogOffRequest: own::log_on::on_log_off(context, envelope); return true;
    case Body::LogOffResponse: return true;  // we did not wait for it
    case Body::LogOnResponse:
    case Body::ClientGetGroupConfigurationRequest:
    case Body::ClientGetGroupConfigurationResponse:
    case Body::SubscribeGroupConfigurationRequest:
    case Body::SubscribeGroupConfigurationResponse:
    case Body::ClientNotifyGroupConfigurationRequest:
    case Body::ClientNotifyGroupConfigurationResponse:
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

bool McServiceServer::go_on(engine::Context& context) {
  if (group_configuration::forget_some(context, doubted_)) return true;
  doubted_ = {};
  return prefetch_.go_on(context);
}

void McServiceServer::on_client_gone(engine::Context& context,
                                     const engine::ClientAddress& client) {
  own::log_on::on_gone(context, client);
}

void McServiceServer::on_user_changed(engine::Context& context, std::string_view mc_service_id) {
  own::log_on::judge_again(context, mc_service_id);
  if (context.log_ons.count_of(mc_service_id) > 0) prefetch_.user_logged_on(mc_service_id);
}

void McServiceServer::on_timeout(engine::Context& context, ExchangeId id,
                                 const engine::Exchange& exchange) {
  if (exchange.request == Body::GetGroupConfigurationRequest) {
    group_configuration::on_timeout(context, id);
    prefetch_.settled(id);
  }
}

}  // namespace bivouac::mcs
