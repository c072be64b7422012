// SPDX-License-Identifier: Apache-2.0
#include "core/node/peer_message.h"

#include "core/wire/inbound.h"

namespace bivouac::node {
namespace {

using wire::fb::Body;

bool is_presence(Body type) {
  return type == Body::PresenceRequest || type == Body::PresenceResponse;
}

/// Its own name, and those of partners that it is our proxy to.
Cause judge_origin(const engine::Configuration& configuration, std::string_view neighbour,
                   std::string_view origin) {
  if (origin == neighbour) return Cause::none;
  const engine::Partner* proxy = configuration.neighbour(neighbour);
  const bool may = proxy != nullptr && origin != configuration.system_id &&
                   engine::Configuration::may_speak_for(*proxy, origin);
  if (!may) return Cause::origin_not_permitted;
  const engine::Partner* partner = configuration.partner(origin);
  if (partner == nullptr) return Cause::identity_unknown;
  return partner->via == neighbour ? Cause::none : Cause::origin_not_permitted;
}

Cause judge_request(const Sender& sender, const wire::fb::Envelope& envelope) {
  if (envelope.body_type() == Body::PresenceRequest) return Cause::none;  // this one tells it
  // We began anew, and do not know yet who it is: it is to greet us again.
  if (!sender.incarnation.is_set()) return Cause::unreachable;
  return envelope.origin_incarnation() == sender.incarnation.value ? Cause::none
                                                                   : Cause::exchange_expired;
}

/// Exchange ids count anew in a new store: an answer to a request of an older life of ours is no
/// answer to one of this life (decision 2), and an older life of the peer has nothing to answer.
Cause judge_answer(Incarnation own, const Sender& sender, const wire::fb::Envelope& envelope) {
  if (envelope.origin_incarnation() != own.value) return Cause::exchange_expired;
  if (envelope.body_type() == Body::PresenceResponse) return Cause::none;  // this one tells it
  const bool told = envelope.answerer_incarnation() != 0;
  const bool direct = envelope.origin()->string_view() == sender.neighbour;
  // Refusals may come from the way, and an older neighbour does not tell.
  if (!told && (direct || envelope.body_type() == Body::Refusal)) return Cause::none;
  return envelope.answerer_incarnation() == sender.incarnation.value ? Cause::none
                                                                     : Cause::exchange_expired;
}

}  // namespace

bool stays_within_system(Body type) {
  switch (type) {
    case Body::NONE:
    case Body::LogOnRequest:
    case Body::LogOnResponse:
    case Body::LogOffRequest:
    case Body::LogOffResponse:
    case Body::ClientGetGroupConfigurationRequest:
    case Body::ClientGetGroupConfigurationResponse:
    case Body::SubscribeGroupConfigurationRequest:
    case Body::SubscribeGroupConfigurationResponse:
    case Body::ClientNotifyGroupConfigurationRequest:
    case Body::ClientNotifyGroupConfigurationResponse:
    case Body::ClientGroupAffiliationRequest:
    case Body::ClientGroupAffiliationResponse:
    case Body::GroupAffiliationStatusUpdate:
    case Body::ClientGroupDeaffiliationRequest:
    case Body::ClientGroupDeaffiliationResponse:
    case Body::GroupDeaffiliationStatusUpdate:
    case Body::ClientGroupDeaffiliationNotification:
    case Body::SubscribeAffiliationStatusRequest:
    case Body::SubscribeAffiliationStatusResponse:
    case Body::ClientNotifyAffiliationStatusRequest:
    case Body::ClientNotifyAffiliationStatusResponse:
    case Body::GetGroupConfigurationRequest:
    case Body::GetGroupConfigurationResponse:
    case Body::NotifyGroupConfigurationRequest:
    case Body::NotifyGroupConfigurationResponse: return true;
    case Body::Hello:
    case Body::Heartbeat:
    case Body::Refusal:
    case Body::GroupConfigurationProvisionRequest:
    case Body::GroupConfigurationProvisionResponse:
    case Body::GroupConfigurationRequest:
    case Body::GroupConfigurationResponse:
    case Body::GroupInformationSubscribeRequest:
    case Body::GroupInformationSubscribeResponse:
    case Body::GroupInformationNotifyRequest:
    case Body::GroupInformationNotifyResponse:
    case Body::GroupAffiliationRequest:
    case Body::GroupAffiliationResponse:
    case Body::GroupDeaffiliationRequest:
    case Body::GroupDeaffiliationResponse:
    case Body::GroupAffiliationExchangeRequest:
    case Body::GroupAffiliationExchangeResponse:
    case Body::GroupAffiliationExchangeNotification:
    case Body::PresenceRequest:
    case Body::PresenceResponse: return false;
  }
  return false;  // of a newer version: its target knows
}

Cause judge_peer_message(const engine::Configuration& configuration, Incarnation own,
                         const Sender& sender, const wire::fb::Envelope& envelope) {
  const std::string_view origin = envelope.origin()->string_view();
  const Cause cause = judge_origin(configuration, sender.neighbour, origin);
  if (cause != Cause::none) return cause;
  if (envelope.target()->string_view() != configuration.system_id) return Cause::target_unknown;
  const bool presence_of_neighbour =
      is_presence(envelope.body_type()) && origin == sender.neighbour;
  if (stays_within_system(envelope.body_type()) || presence_of_neighbour) {
    return Cause::message_unexpected;
  }
  return wire::is_request(envelope.body_type()) ? judge_request(sender, envelope)
                                                : judge_answer(own, sender, envelope);
}

}  // namespace bivouac::node
