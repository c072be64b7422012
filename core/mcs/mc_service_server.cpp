// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/mc_service_server.h"

#include "core/mcs/group_configuration.h"

namespace bivouac::mcs {

using wire::fb::Body;

bool McServiceServer::on_message(engine::Context& context, const wire::fb::Envelope& envelope) {
  switch (envelope.body_type()) {
    case Body::NotifyGroupConfigurationRequest:
      group_configuration::on_notify(context, envelope);
      return true;
    case Body::GetGroupConfigurationResponse:
      group_configuration::on_response(context, envelope);
      return true;
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
  return false;
}

void McServiceServer::on_timeout(engine::Context& context, ExchangeId id,
                                 const engine::Exchange& exchange) {
  if (exchange.request == Body::GetGroupConfigurationRequest) {
    group_configuration::on_timeout(context, id);
  }
}

}  // namespace bivouac::mcs
