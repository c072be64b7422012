// SPDX-License-Identifier: Apache-2.0
#include "core/engine/user_record.h"
#include "core/node/client_message.h"
#include "core/node/gateway_state.h"

// What MC service clients say to a gateway, and what becomes of them.

namespace bivouac::node {

using wire::fb::Body;

void Gateway::State::on_client_frame(Context& context) {
  const auto waiting = clients.next_frame(context);
  if (!waiting) return;
  const auto message = wire::verify(waiting->frame);
  const ClientSession& session = *clients.session(waiting->connection);
  if (message) {
    on_client_message(context, waiting->connection, *message->envelope);
  } else if (message.error().close || !session.hello) {
    clients.close(context, waiting->connection, message.error().cause);
  } else {
    context.refused(session.client.mc_service_id, "message", message.error().cause);
    const wire::fb::Envelope* request = message.error().envelope;
    if (request != nullptr && request->origin()->string_view() == session.client.mc_service_id)
      refuse(context, waiting->connection, *request, message.error().cause);
  }
  clients.consumed(waiting->connection);
}

void Gateway::State::on_client_message(Context& context, ConnectionId connection,
                                       const wire::fb::Envelope& envelope) {
  if (envelope.body_type() == Body::Hello) {
    // The newest session of a client counts; the log-on of the one before is over.
    if (clients.on_hello(context, connection, *envelope.body_as_Hello()))
      on_client_gone(context, clients.session(connection)->client);
    return;
  }
  const ClientSession& session = *clients.session(connection);
  if (!session.hello) return clients.close(context, connection, Cause::frame_before_hello);
  if (envelope.body_type() == Body::Heartbeat)
    return clients.on_heartbeat(context, connection, *envelope.body_as_Heartbeat());
  const engine::ClientAddress client = session.client;
  const bool logged_on = log_ons.find(client) != nullptr;
  const Cause cause =
      judge_client_message(context.self(), context.incarnation, session, logged_on, envelope);
  if (cause == Cause::none) {
    on_server_message(context, envelope);
    if (logged_on && log_ons.find(client) == nullptr) gms.on_client_gone(context, client);
    // For fewer services, maybe: some of its groups are its no more.
    if (envelope.body_type() == Body::LogOnRequest) gms.on_user_changed(client.mc_service_id);
    return;
  }
  context.refused(client.mc_service_id, "message", cause);
  if (wire::is_request(envelope.body_type()) && cause != Cause::origin_not_permitted)
    refuse(context, connection, envelope, cause);
}

void Gateway::State::on_client_gone(Context& context, const engine::ClientAddress& client) {
  mcs.on_client_gone(context, client);
  gms.on_client_gone(context, client);
}

void Gateway::State::on_user_changed(Context& context, const std::string& mc_service_id) {
  mcs.on_user_changed(context, mc_service_id);
  for (auto entry = clients.all().lower_bound(engine::ClientAddress{mc_service_id, {}});
       entry != clients.all().end() && entry->first.mc_service_id == mc_service_id; ++entry) {
    if (log_ons.find(entry->first) == nullptr) gms.on_client_gone(context, entry->first);
  }
  gms.on_user_changed(mc_service_id);
  if (!engine::is_served_here(context, mc_service_id)) clients.end_sessions_of(mc_service_id);
}

}  // namespace bivouac::node
