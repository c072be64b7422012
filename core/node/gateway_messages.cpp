// SPDX-License-Identifier: Apache-2.0
#include "core/node/gateway_state.h"
#include "core/node/peer_message.h"

namespace bivouac::node {

using wire::fb::Body;

void Gateway::State::on_frame(Context& context) {
  const auto waiting = links.next_frame(context);
  if (!waiting) return;
  const auto message = wire::verify(waiting->frame);
  if (message) {
    on_peer_message(context, waiting->connection, *message->envelope);
  } else {
    on_rejected(context, waiting->connection, message.error());
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
  if (rejected.envelope == nullptr ||
      rejected.envelope->origin()->string_view() != session.system_id)
    return;
  refuse(context, connection, *rejected.envelope, rejected.cause);
}

void Gateway::State::refuse(Context& context, ConnectionId connection,
                            const wire::fb::Envelope& request, Cause cause) {
  wire::Address address = wire::answer_to(request);
  address.origin = context.self();  // whomever the request was for: it is we who refuse it
  context.effects.send(connection, wire::build_refusal(address, cause));
}

void Gateway::State::on_peer_message(Context& context, ConnectionId connection,
                                     const wire::fb::Envelope& envelope) {
  const Session& session = *links.session(connection);
  if (envelope.body_type() == Body::Hello) {
    const std::string system_id = session.system_id;
    const Links::Greeting greeting = links.on_hello(context, connection, *envelope.body_as_Hello());
    if (!greeting.link_up) return;
    gms.on_link_down(context,
                     system_id);  // what was on the way over an older session is sent again
    gms.on_link_up(context, system_id);
    on_greeting(context, greeting);
    work_soon(context);
    return;
  }
  if (!session.hello) return links.close(context, connection, Cause::frame_before_hello);
  if (envelope.body_type() == Body::Heartbeat) {
    return links.on_heartbeat(context, connection, *envelope.body_as_Heartbeat());
  }
  const Cause cause = judge_peer_message(context.self(), context.incarnation, session, envelope);
  if (cause == Cause::none) return on_server_message(context, envelope);
  context.refused(session.system_id, "message", cause);
  if (wire::is_request(envelope.body_type()) && cause != Cause::origin_not_permitted) {
    refuse(context, connection, envelope, cause);
  }
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
    const engine::Exchange* exchange = exchanges.find({envelope.exchange()});
    const bool ours = envelope.body_type() == Body::Refusal && exchange != nullptr &&
                      exchange->target == envelope.origin()->string_view();
    if (ours) {
      gms.on_refusal(context, envelope, engine::Exchange(*exchange));
    } else {
      context.refused(envelope.origin()->string_view(), "message", Cause::message_unexpected);
    }
  }
  work_soon(context);  // it may have given a cursor something to do
}

}  // namespace bivouac::node
