// SPDX-License-Identifier: Apache-2.0
#include "core/node/forwarding.h"
#include "core/node/gateway_state.h"
#include "core/node/peer_message.h"

namespace bivouac::node {

using wire::fb::Body;

void Gateway::State::on_frame(Context& context) {
  const bool client = clients.has_frame() && (clients_turn || !links.has_frame());
  clients_turn = !client;
  if (client) return on_client_frame(context);
  const auto waiting = links.next_frame(context);
  if (!waiting) return;
  const auto message = wire::verify_structure(waiting->frame);
  if (!message) {
    on_rejected(context, waiting->connection, message.error());
  } else if (links.session(waiting->connection)->hello &&
             forwarding::is_for_another(context, *message->envelope)) {
    on_message_for_another(context, *waiting, *message);
  } else if (const auto rejected = wire::judge(*message)) {
    on_rejected(context, waiting->connection, *rejected);
  } else {
    on_peer_message(context, waiting->connection, *message->envelope);
  }
  links.consumed(waiting->connection);
}

void Gateway::State::on_rejected(Context& context, ConnectionId connection,
                                 const wire::Rejected& rejected) {
  const Session& session = *links.session(connection);
  if (rejected.close || !session.hello) {
    links.close(context, connection, rejected.cause);
    return;
  }
  context.refused(session.system_id, "message", rejected.cause);
  const engine::Partner* neighbour = configuration->neighbour(session.system_id);
  if (rejected.envelope == nullptr || neighbour == nullptr ||
      !engine::Configuration::may_speak_for(*neighbour, rejected.envelope->origin()->string_view()))
    return;
  refuse(context, connection, *rejected.envelope, rejected.cause);
}

/// In the name of whom was asked: the asker knows the answer by it, every proxy on the way back may
/// speak for it, and nobody learns who lies on the way.
void Gateway::State::refuse(Context& context, ConnectionId connection,
                            const wire::fb::Envelope& request, Cause cause) {
  const bool is_ours = context.is_self(request.target()->string_view());
  const wire::Address address =
      is_ours ? context.answer_to(request) : wire::answer_to(request, Incarnation{});
  context.effects.send(connection, wire::build_refusal(address, cause));
}

void Gateway::State::on_message_for_another(Context& context, const Links::Waiting& came,
                                            const wire::Inbound& inbound) {
  const Cause cause = forwarding::forward(context, links, came, inbound);
  if (cause == Cause::none) return;
  if (cause == Cause::envelope_malformed) return links.close(context, came.connection, cause);
  const wire::fb::Envelope& envelope = *inbound.envelope;
  context.refused(links.session(came.connection)->system_id, "message", cause);
  const bool from_self = context.is_self(envelope.origin()->string_view());
  if (wire::expects_answer(envelope) && forwarding::may_refuse(cause, from_self)) {
    refuse(context, came.connection, envelope, cause);
  }
}

void Gateway::State::on_hello(Context& context, ConnectionId connection,
                              const wire::fb::Hello& hello) {
  const std::string system_id = links.session(connection)->system_id;
  const Greeting greeting = links.on_hello(context, connection, hello);
  if (!greeting.link_up) return;
  on_link_down(context, system_id);  // what was on the way over an older session is sent again
  on_links_down(context, presence.on_proxy_up(context, system_id));
  on_link_up(context, system_id);
  on_greeting(context, greeting);
  work_soon(context);
}

void Gateway::State::on_peer_message(Context& context, ConnectionId connection,
                                     const wire::fb::Envelope& envelope) {
  const Session& session = *links.session(connection);
  if (envelope.body_type() == Body::Hello) {
    return on_hello(context, connection, *envelope.body_as_Hello());
  }
  if (!session.hello) return links.close(context, connection, Cause::frame_before_hello);
  if (envelope.body_type() == Body::Heartbeat) {
    return links.on_heartbeat(context, connection, *envelope.body_as_Heartbeat());
  }
  const std::string_view origin = envelope.origin()->string_view();
  const Far* far = presence.find(origin);
  const Sender sender{session.system_id, far == nullptr ? session.incarnation : far->incarnation};
  const Cause cause = judge_peer_message(*configuration, context.incarnation, sender, envelope);
  if (cause != Cause::none) {
    context.refused(session.system_id, "message", cause);
    if (wire::is_request(envelope.body_type()) && cause != Cause::origin_not_permitted) {
      refuse(context, connection, envelope, cause);
    }
    return;
  }
  if (far != nullptr) return on_far_message(context, connection, envelope);
  on_server_message(context, envelope);
}

/// Of a system behind a proxy.
void Gateway::State::on_far_message(Context& context, ConnectionId connection,
                                    const wire::fb::Envelope& envelope) {
  const auto version = [&]() -> std::uint16_t {
    if (const auto* asks = envelope.body_as_PresenceRequest()) return asks->protocol_version();
    if (const auto* says = envelope.body_as_PresenceResponse()) return says->protocol_version();
    return wire::protocol_version;
  }();
  if (version != wire::protocol_version) {
    context.refused(envelope.origin()->string_view(), "presence", Cause::protocol_version);
    if (wire::is_request(envelope.body_type())) {
      refuse(context, connection, envelope, Cause::protocol_version);
    }
    return;
  }
  if (envelope.body_type() == Body::PresenceRequest) {
    on_change(context, presence.on_request(context, envelope, links, connection));
  } else if (envelope.body_type() == Body::PresenceResponse) {
    on_change(context, presence.on_response(context, envelope, *links.session(connection)));
  } else if (envelope.body_type() == Body::Refusal && presence.is_asked(envelope)) {
    on_change(context, presence.on_refusal(context, envelope));
  } else {
    // A Refusal may come from somebody on the way, who says nothing of the system itself.
    const bool is_its_own = envelope.body_type() != Body::Refusal;
    if (is_its_own) presence.heard(context, envelope.origin()->string_view());
    on_server_message(context, envelope);
  }
}

void Gateway::State::on_change(Context& context, const Presence::Change& change) {
  if (change.down) on_link_down(context, change.system_id);
  if (change.up) {
    on_link_up(context, change.system_id);
    on_greeting(context, change.greeting);
  }
  if (change.down || change.up) work_soon(context);
}

void Gateway::State::on_local_message(Context& context) {
  const Bytes body = std::move(local.front());
  local.pop_front();
  const wire::Frame frame{{static_cast<std::uint32_t>(body.size()), 0}, body};
  const auto message = wire::verify(frame);
  BIVOUAC_ASSERT(message.has_value());  // we built it
  const wire::fb::Envelope& envelope = *message->envelope;
  context.effects.note({NoteKind::message,
                        {},
                        wire::fb::EnumNameBody(envelope.body_type()),
                        std::string(wire::group_of(envelope)),
                        Cause::none,
                        envelope.exchange()});
  on_server_message(context, envelope);
}

void Gateway::State::on_server_message(Context& context, const wire::fb::Envelope& envelope) {
  const bool for_gms = gms.on_message(context, envelope);
  if (!for_gms && !mcs.on_message(context, envelope)) {
    on_refusal(context, envelope);
  }
  work_soon(context);  // it may have given a cursor something to do
}

/// Or another message that no server here takes.
void Gateway::State::on_refusal(Context& context, const wire::fb::Envelope& envelope) {
  const engine::Exchange* exchange = exchanges.find({envelope.exchange()});
  const std::string_view origin = envelope.origin()->string_view();
  const auto* refusal = envelope.body_as_Refusal();
  if (refusal == nullptr || exchange == nullptr || exchange->target != origin) {
    return context.refused(origin, "message", Cause::message_unexpected);
  }
  const bool is_cut = static_cast<Cause>(refusal->cause()) == Cause::unreachable;
  if (is_cut && presence.is_up(origin)) {
    // The way ends before it, as when a link goes down: what was asked is asked again over the
    // next.
    return on_change(context, presence.on_refusal(context, envelope));
  }
  const engine::Exchange refused(*exchange);
  gms.on_refusal(context, envelope, refused);
  mcs.on_refusal(context, envelope, refused);
}

}  // namespace bivouac::node
