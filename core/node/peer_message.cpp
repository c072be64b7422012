// SPDX-License-Identifier: Apache-2.0
#include "core/node/peer_message.h"

#include "core/wire/inbound.h"

namespace bivouac::node {
namespace {

using wire::fb::Body;

/// Messages that one MC system may send to another. Those between the servers of one MC system do
/// not come from outside, in neither direction: an answer that a peer made up would pass for ours.
bool is_between_systems(Body type) {
  switch (type) {
    case Body::Hello:
    case Body::Heartbeat:
    case Body::Refusal:
    case Body::GroupConfigurationProvisionRequest:
    case Body::GroupConfigurationProvisionResponse:
    case Body::GroupConfigurationRequest:
    case Body::GroupConfigurationResponse: return true;
    case Body::NONE:
    case Body::GetGroupConfigurationRequest:
    case Body::GetGroupConfigurationResponse:
    case Body::NotifyGroupConfigurationRequest:
    case Body::NotifyGroupConfigurationResponse: return false;
  }
  return false;
}

}  // namespace

Cause judge_peer_message(std::string_view self, Incarnation own, const Session& session,
                         const wire::fb::Envelope& envelope) {
  // Whom a peer may speak for is its own system only; whom a message is for is this one only.
  if (envelope.origin()->string_view() != session.system_id) return Cause::origin_not_permitted;
  if (envelope.target()->string_view() != self) return Cause::target_unknown;
  if (!is_between_systems(envelope.body_type())) return Cause::message_unexpected;
  // Exchange ids count anew in a new store: an answer to a request of an older life of ours is no
  // answer to one of this life (decision 2).
  const Incarnation asker = wire::is_request(envelope.body_type()) ? session.incarnation : own;
  if (envelope.origin_incarnation() != asker.value) return Cause::exchange_expired;
  return Cause::none;
}

}  // namespace bivouac::node
