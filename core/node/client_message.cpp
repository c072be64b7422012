// SPDX-License-Identifier: Apache-2.0
#include "core/node/client_message.h"

#include "core/wire/inbound.h"

namespace bivouac::node {
namespace {

using wire::fb::Body;

std::string_view text_of(const flatbuffers::String* text) {
  return text == nullptr ? "" : text->string_view();
}

}  // namespace

Cause judge_client_message(std::string_view self, Incarnation own, const ClientSession& session,
                           bool logged_on, const wire::fb::Envelope& envelope) {
  // A client speaks for itself only: not for its user's other clients, not for another user.
  if (text_of(envelope.origin()) != session.client.mc_service_id ||
      text_of(envelope.client_id()) != session.client.client_id) {
    return Cause::origin_not_permitted;
  }
  if (text_of(envelope.target()) != self) return Cause::target_unknown;
  if (!wire::is_from_client(envelope.body_type())) return Cause::message_unexpected;
  const bool request = wire::is_request(envelope.body_type());
  if (envelope.origin_incarnation() != (request ? session.incarnation : own).value)
    return Cause::exchange_expired;
  // Its answer to our log-off comes when it is logged off.
  const bool about_log_on =
      envelope.body_type() == Body::LogOnRequest || envelope.body_type() == Body::LogOffResponse;
  if (!logged_on && !about_log_on) return Cause::not_logged_on;
  return Cause::none;
}

}  // namespace bivouac::node
