// SPDX-License-Identifier: Apache-2.0
#include "core/wire/inbound.h"

#include "core/wire/structure.h"
#include "core/wire/validate.h"

namespace bivouac::wire {
namespace {

bool wants_refusal(const fb::Envelope& envelope, Cause cause) {
  return (cause == Cause::message_unknown || is_request(envelope.body_type())) &&
         has_address(envelope);
}

}  // namespace

std::expected<Inbound, Rejected> verify(const Frame& frame) {
  const Structure structure{fb::EnvelopeIdentifier(), message_alignment, link_depth_max,
                            link_tables_max};
  const auto envelope = open<fb::Envelope>(frame.body, structure);
  if (!envelope) return std::unexpected(Rejected{envelope.error(), true, nullptr});
  const Cause cause = validate(**envelope);
  if (cause == Cause::none) return Inbound{*envelope, frame.header.hops};
  return std::unexpected(
      Rejected{cause, false, wants_refusal(**envelope, cause) ? *envelope : nullptr});
}

bool is_request(fb::Body type) {
  switch (type) {
    case fb::Body::GroupConfigurationProvisionRequest:
    case fb::Body::GroupConfigurationRequest:
    case fb::Body::GetGroupConfigurationRequest:
    case fb::Body::NotifyGroupConfigurationRequest: return true;
    case fb::Body::NONE:
    case fb::Body::Hello:
    case fb::Body::Heartbeat:
    case fb::Body::Refusal:
    case fb::Body::GroupConfigurationProvisionResponse:
    case fb::Body::GroupConfigurationResponse:
    case fb::Body::GetGroupConfigurationResponse:
    case fb::Body::NotifyGroupConfigurationResponse: return false;
  }
  return false;
}

}  // namespace bivouac::wire
