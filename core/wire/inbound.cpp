// SPDX-License-Identifier: Apache-2.0
#include "core/wire/inbound.h"

#include <algorithm>
#include <iterator>

#include "core/wire/structure.h"
#include "core/wire/validate.h"

namespace bivouac::wire {
namespace {

bool wants_refusal(const fb::Envelope& envelope, Cause cause) {
  return (cause == Cause::message_unknown || is_request(envelope.body_type())) &&
         has_address(envelope);
}

}  // namespace

std::expected<Inbound, Rejected> verify_structure(const Frame& frame) {
  const Structure structure{fb::EnvelopeIdentifier(), message_alignment, link_depth_max,
                            link_tables_max};
  const auto envelope = open<fb::Envelope>(frame.body, structure);
  if (!envelope) return std::unexpected(Rejected{envelope.error(), true, nullptr});
  if (frame.header.hops <= limits::hops_max) return Inbound{*envelope, frame.header.hops};
  // A frame that was forwarded so often goes round in circles; what it says does not matter.
  const bool answered = wants_refusal(**envelope, Cause::hops_exceeded);
  return std::unexpected(Rejected{Cause::hops_exceeded, false, answered ? *envelope : nullptr});
}

std::optional<Rejected> judge(const Inbound& inbound) {
  const Cause cause = validate(*inbound.envelope);
  if (cause == Cause::none) return std::nullopt;
  const bool answered = wants_refusal(*inbound.envelope, cause);
  return Rejected{cause, false, answered ? inbound.envelope : nullptr};
}

std::expected<Inbound, Rejected> verify(const Frame& frame) {
  const auto inbound = verify_structure(frame);
  if (!inbound) return inbound;
  if (auto rejected = judge(*inbound)) return std::unexpected(*rejected);
  return inbound;
}

bool is_request(fb::Body type) {
  switch (type) {
    case fb::Body::GroupConfigurationProvisionRequest:
    case fb::Body::GroupConfigurationRequest:
    case fb::Body::GetGroupConfigurationRequest:
    case fb::Body::NotifyGroupConfigurationRequest:
    case fb::Body::GroupInformationSubscribeRequest:
    case fb::Body::GroupInformationNotifyRequest:
    case fb::Body::PresenceRequest:
    case fb::Body::LogOnRequest:
    case fb::Body::LogOffRequest:
    case fb::Body::ClientGetGroupConfigurationRequest:
    case fb::Body::SubscribeGroupConfigurationRequest:
    case fb::Body::ClientNotifyGroupConfigurationRequest: return true;
    case fb::Body::NONE:
    case fb::Body::Hello:
    case fb::Body::Heartbeat:
    case fb::Body::Refusal:
    case fb::Body::GroupConfigurationProvisionResponse:
    case fb::Body::GroupConfigurationResponse:
    case fb::Body::GetGroupConfigurationResponse:
    case fb::Body::NotifyGroupConfigurationResponse:
    case fb::Body::GroupInformationSubscribeResponse:
    case fb::Body::GroupInformationNotifyResponse:
    case fb::Body::PresenceResponse:
    case fb::Body::LogOnResponse:
    case fb::Body::LogOffResponse:
    case fb::Body::ClientGetGroupConfigurationResponse:
    case fb::Body::SubscribeGroupConfigurationResponse:
    case fb::Body::ClientNotifyGroupConfigurationResponse: return false;
  }
  return false;
}

bool expects_answer(const fb::Envelope& envelope) {
  const bool known = *fb::EnumNameBody(envelope.body_type()) != '\0';
  return known ? is_request(envelope.body_type()) : envelope.remaining_ms() != 0;
}

bool is_from_client(fb::Body type) {
  constexpr fb::Body messages[] = {fb::Body::LogOnRequest,
                                   fb::Body::LogOffRequest,
                                   fb::Body::LogOffResponse,
                                   fb::Body::ClientGetGroupConfigurationRequest,
                                   fb::Body::SubscribeGroupConfigurationRequest,
                                   fb::Body::ClientNotifyGroupConfigurationResponse};
  return std::ranges::find(messages, type) != std::end(messages);
}

std::string_view group_of(const fb::Envelope& envelope) {
  const auto of = [](const auto* message) { return message->group_id()->string_view(); };
  switch (envelope.body_type()) {
    case fb::Body::GroupConfigurationProvisionRequest:
      return of(envelope.body_as_GroupConfigurationProvisionRequest());
    case fb::Body::GroupConfigurationProvisionResponse:
      return of(envelope.body_as_GroupConfigurationProvisionResponse());
    case fb::Body::GroupConfigurationRequest:
      return of(envelope.body_as_GroupConfigurationRequest());
    case fb::Body::GroupConfigurationResponse:
      return of(envelope.body_as_GroupConfigurationResponse());
    case fb::Body::GetGroupConfigurationRequest:
      return of(envelope.body_as_GetGroupConfigurationRequest());
    case fb::Body::GetGroupConfigurationResponse:
      return of(envelope.body_as_GetGroupConfigurationResponse());
    case fb::Body::NotifyGroupConfigurationRequest:
      return of(envelope.body_as_NotifyGroupConfigurationRequest());
    case fb::Body::NotifyGroupConfigurationResponse:
      return of(envelope.body_as_NotifyGroupConfigurationResponse());
    case fb::Body::GroupInformationSubscribeRequest:
      return of(envelope.body_as_GroupInformationSubscribeRequest());
    case fb::Body::GroupInformationSubscribeResponse:
      return of(envelope.body_as_GroupInformationSubscribeResponse());
    case fb::Body::GroupInformationNotifyRequest:
      return of(envelope.body_as_GroupInformationNotifyRequest());
    case fb::Body::GroupInformationNotifyResponse:
      return of(envelope.body_as_GroupInformationNotifyResponse());
    case fb::Body::ClientGetGroupConfigurationRequest:
      return of(envelope.body_as_ClientGetGroupConfigurationRequest());
    case fb::Body::ClientGetGroupConfigurationResponse:
      return of(envelope.body_as_ClientGetGroupConfigurationResponse());
    case fb::Body::SubscribeGroupConfigurationRequest:
      return of(envelope.body_as_SubscribeGroupConfigurationRequest());
    case fb::Body::SubscribeGroupConfigurationResponse:
      return of(envelope.body_as_SubscribeGroupConfigurationResponse());
    case fb::Body::ClientNotifyGroupConfigurationRequest:
      return of(envelope.body_as_ClientNotifyGroupConfigurationRequest());
    case fb::Body::ClientNotifyGroupConfigurationResponse:
      return of(envelope.body_as_ClientNotifyGroupConfigurationResponse());
    case fb::Body::LogOnRequest:
    case fb::Body::LogOnResponse:
    case fb::Body::LogOffRequest:
    case fb::Body::LogOffResponse:
    case fb::Body::NONE:
    case fb::Body::Hello:
    case fb::Body::Heartbeat:
    case fb::Body::Refusal:
    case fb::Body::PresenceRequest:
    case fb::Body::PresenceResponse: return {};
  }
  return {};
}

}  // namespace bivouac::wire
