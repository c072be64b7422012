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
    case fb::Body::ClientNotifyGroupConfigurationRequest:
    case fb::Body::ClientGroupAffiliationRequest:
    case fb::Body::GroupAffiliationRequest:
    case fb::Body::ClientGroupDeaffiliationRequest:
    case fb::Body::GroupDeaffiliationRequest:
    case fb::Body::SubscribeAffiliationStatusRequest:
    case fb::Body::ClientNotifyAffiliationStatusRequest:
    case fb::Body::GroupAffiliationExchangeRequest:
    case fb::Body::GroupAffiliationExchangeNotification: return true;
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
    case fb::Body::ClientNotifyGroupConfigurationResponse:
    case fb::Body::ClientGroupAffiliationResponse:
    case fb::Body::GroupAffiliationResponse:
    case fb::Body::GroupAffiliationStatusUpdate:
    case fb::Body::ClientGroupDeaffiliationResponse:
    case fb::Body::GroupDeaffiliationResponse:
    case fb::Body::GroupDeaffiliationStatusUpdate:
    case fb::Body::ClientGroupDeaffiliationNotification:
    case fb::Body::SubscribeAffiliationStatusResponse:
    case fb::Body::ClientNotifyAffiliationStatusResponse:
    case fb::Body::GroupAffiliationExchangeResponse: return false;
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
                                   fb::Body::ClientNotifyGroupConfigurationResponse,
                                   fb::Body::ClientGroupAffiliationRequest,
                                   fb::Body::ClientGroupDeaffiliationRequest,
                                   fb::Body::SubscribeAffiliationStatusRequest,
                                   fb::Body::ClientNotifyAffiliationStatusResponse};
  return std::ranges::find(messages, type) != std::end(messages);
}

std::string_view group_of(const fb::Envelope& e) {
  std::string_view group;
  const auto is = [&](const auto* message) {
    if (message != nullptr) group = message->group_id()->string_view();
    return message != nullptr;
  };
  const auto asks_for = [&](const auto* message) {
    if (message != nullptr) group = message->group_ids()->Get(0)->string_view();
    return message != nullptr;
  };
  const auto lists = [&](const auto* message) {
    if (message != nullptr) group = message->groups()->Get(0)->group_id()->string_view();
    return message != nullptr;
  };
  static_cast<void>(is(e.body_as_GroupConfigurationProvisionRequest()) ||
                    is(e.body_as_GroupConfigurationProvisionResponse()) ||
                    is(e.body_as_GroupConfigurationRequest()) ||
                    is(e.body_as_GroupConfigurationResponse()) ||
                    is(e.body_as_GetGroupConfigurationRequest()) ||
                    is(e.body_as_GetGroupConfigurationResponse()) ||
                    is(e.body_as_NotifyGroupConfigurationRequest()) ||
                    is(e.body_as_NotifyGroupConfigurationResponse()) ||
                    is(e.body_as_GroupInformationSubscribeRequest()) ||
                    is(e.body_as_GroupInformationSubscribeResponse()) ||
                    is(e.body_as_GroupInformationNotifyRequest()) ||
                    is(e.body_as_GroupInformationNotifyResponse()) ||
                    is(e.body_as_ClientGetGroupConfigurationRequest()) ||
                    is(e.body_as_ClientGetGroupConfigurationResponse()) ||
                    is(e.body_as_SubscribeGroupConfigurationRequest()) ||
                    is(e.body_as_SubscribeGroupConfigurationResponse()) ||
                    is(e.body_as_ClientNotifyGroupConfigurationRequest()) ||
                    is(e.body_as_ClientNotifyGroupConfigurationResponse()) ||
                    asks_for(e.body_as_ClientGroupAffiliationRequest()) ||
                    asks_for(e.body_as_GroupAffiliationRequest()) ||
                    asks_for(e.body_as_ClientGroupDeaffiliationRequest()) ||
                    asks_for(e.body_as_GroupDeaffiliationRequest()) ||
                    lists(e.body_as_ClientGroupAffiliationResponse()) ||
                    lists(e.body_as_GroupAffiliationResponse()) ||
                    lists(e.body_as_GroupAffiliationStatusUpdate()) ||
                    lists(e.body_as_ClientGroupDeaffiliationResponse()) ||
                    lists(e.body_as_GroupDeaffiliationResponse()) ||
                    lists(e.body_as_GroupDeaffiliationStatusUpdate()) ||
                    lists(e.body_as_ClientGroupDeaffiliationNotification()));
  return group;
}

}  // namespace bivouac::wire
