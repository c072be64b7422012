// SPDX-License-Identifier: Apache-2.0
#include "core/node/clients.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/engine/user_record.h"

namespace bivouac::node {
namespace {

using engine::DeadlineId;
using engine::DeadlineKind;

constexpr std::size_t closed_per_step_max = 64;

DeadlineId of(DeadlineKind kind, ConnectionId connection) { return {kind, connection.value}; }

}  // namespace

bool Clients::is_client(const engine::Configuration& configuration, std::string_view identity) {
  return is_canonical_identity(identity) && configuration.partner(identity) == nullptr;
}

Cause Clients::admit(const engine::Context& context, const std::string& identity) const {
  if (!engine::is_served_here(context, identity)) return Cause::identity_unknown;
  if (sessions_.size() >= limits::client_sessions_max) return Cause::overloaded;
  // One user does not take the places of all others.
  const auto its = std::ranges::count_if(sessions_, [&](const auto& entry) {
    return entry.second->deframer && entry.second->client.mc_service_id == identity;
  });
  return static_cast<std::size_t>(its) < limits::sessions_per_user_max ? Cause::none
                                                                       : Cause::overloaded;
}

void Clients::on_peer_up(engine::Context& context, const engine::PeerUp& event) {
  const Cause cause = admit(context, event.identity);
  if (cause != Cause::none || stopping_) {
    if (cause != Cause::none) context.refused(event.identity, "connection", cause);
    context.effects.close(event.connection, cause);
    return;
  }
  auto session = std::make_unique<ClientSession>();
  session->client.mc_service_id = event.identity;
  session->last_received = context.now.mono;
  session->deframer.emplace(large_frames_);
  sessions_.emplace(event.connection, std::move(session));
  context.deadlines.set(of(DeadlineKind::hello, event.connection),
                        context.now.mono + DurationMs{limits::hello_ms});
  context.effects.send(event.connection, wire::build_hello(context.self(), context.incarnation));
}

std::optional<engine::ClientAddress> Clients::on_peer_down(engine::Context& context,
                                                           ConnectionId connection) {
  const auto entry = sessions_.find(connection);
  if (entry == sessions_.end()) return std::nullopt;
  const engine::ClientAddress client = entry->second->client;
  take_ready(connection);
  sessions_.erase(entry);
  for (const DeadlineKind kind : {DeadlineKind::hello, DeadlineKind::silence})
    context.deadlines.clear(of(kind, connection));
  const auto current = by_client_.find(client);
  if (current == by_client_.end() || current->second != connection) return std::nullopt;
  by_client_.erase(current);
  return client;
}

void Clients::on_bytes(engine::Context& context, const engine::BytesIn& event) {
  const auto entry = sessions_.find(event.connection);
  if (entry == sessions_.end()) return;
  ClientSession& session = *entry->second;
  session.last_received = context.now.mono;  // any byte is a sign of life
  if (!session.deframer) return;
  session.deframer->append(event.bytes);
  if (session.deframer->has_frame()) ready_.push_back(event.connection);
}

std::optional<Clients::Waiting> Clients::next_frame(engine::Context& context) {
  while (!ready_.empty()) {
    const ConnectionId connection = ready_.front();
    const auto entry = sessions_.find(connection);
    if (entry == sessions_.end()) {
      ready_.pop_front();
      continue;
    }
    const Result<wire::Frame> frame = entry->second->deframer->frame();
    if (frame) return Waiting{connection, *frame};
    close(context, connection, frame.error());
    return std::nullopt;
  }
  return std::nullopt;
}

void Clients::consumed(ConnectionId connection) {
  const auto entry = sessions_.find(connection);
  if (entry == sessions_.end() || !entry->second->deframer) return;
  take_ready(connection);
  entry->second->deframer->next();
  if (entry->second->deframer->has_frame()) ready_.push_back(connection);  // the others come first
}

void Clients::take_ready(ConnectionId connection) {
  const auto found = std::ranges::find(ready_, connection);
  if (found != ready_.end()) ready_.erase(found);
}

bool Clients::on_hello(engine::Context& context, ConnectionId connection,
                       const wire::fb::Hello& hello) {
  ClientSession& session = *sessions_.at(connection);
  Cause cause = Cause::none;
  if (session.hello) cause = Cause::hello_repeated;
  if (hello.protocol_version() != wire::protocol_version) cause = Cause::protocol_version;
  if (hello.system_id()->string_view() != session.client.mc_service_id)
    cause = Cause::identity_mismatch;
  if (cause != Cause::none) {
    close(context, connection, cause);
    return false;
  }
  session.hello = true;
  session.deframer->allow_large();  // as long as fits into its own buffer
  session.client.client_id = hello.client_id()->str();
  session.incarnation = {hello.incarnation()};
  const auto [entry, added] = by_client_.try_emplace(session.client, connection);
  if (!added) {
    close(context, entry->second, Cause::superseded);  // the newest counts
    entry->second = connection;
  }
  context.deadlines.clear(of(DeadlineKind::hello, connection));
  context.deadlines.set(of(DeadlineKind::silence, connection),
                        context.now.mono + DurationMs{limits::peer_dead_ms});
  return true;
}

void Clients::on_heartbeat(engine::Context& context, ConnectionId connection,
                           const wire::fb::Heartbeat& heartbeat) {
  if (heartbeat.sent_ms() == 0) return;
  context.effects.send_now(connection, wire::build_heartbeat(0, heartbeat.sent_ms()));
}

void Clients::on_deadline(engine::Context& context, DeadlineId id) {
  const ConnectionId connection{static_cast<std::uint32_t>(id.number)};
  const auto entry = sessions_.find(connection);
  if (entry == sessions_.end() || !entry->second->deframer) return;  // it ends already
  if (id.kind == DeadlineKind::hello) return close(context, connection, Cause::hello_late);
  const MonoMs dead = entry->second->last_received + DurationMs{limits::peer_dead_ms};
  if (dead <= context.now.mono) return close(context, connection, Cause::silent);
  context.deadlines.set(id, dead);
}

void Clients::stop() {
  stopping_ = true;
  for (const auto& [connection, session] : sessions_) condemn(connection, *session, Cause::none);
}

void Clients::end_sessions_of(std::string_view mc_service_id) {
  for (const auto& [connection, session] : sessions_) {
    if (session->client.mc_service_id == mc_service_id)
      condemn(connection, *session, Cause::identity_unknown);
  }
}

/// Nothing of the session is read any more; close_some closes its connection.
void Clients::condemn(ConnectionId connection, ClientSession& session, Cause cause) {
  if (!session.deframer) return;
  take_ready(connection);
  session.deframer.reset();
  condemned_.emplace_back(connection, cause);
}

void Clients::close_some(engine::Context& context) {
  for (std::size_t i = 0; i < closed_per_step_max && !condemned_.empty(); ++i) {
    const auto [connection, cause] = condemned_.front();
    condemned_.pop_front();
    const ClientSession* ending = session(connection);
    if (ending == nullptr) continue;
    if (cause != Cause::none) context.refused(ending->client.mc_service_id, "connection", cause);
    context.effects.close(connection, cause);
  }
}

void Clients::close(engine::Context& context, ConnectionId connection, Cause cause) {
  const auto entry = sessions_.find(connection);
  // The session is forgotten with PeerDown; until then nothing of it is read any more.
  if (entry == sessions_.end() || !entry->second->deframer) return;
  if (cause != Cause::superseded)
    context.refused(entry->second->client.mc_service_id, "connection", cause);
  context.effects.close(connection, cause);
  take_ready(connection);
  entry->second->deframer.reset();
}

const ClientSession* Clients::session(ConnectionId connection) const {
  const auto entry = sessions_.find(connection);
  return entry == sessions_.end() ? nullptr : entry->second.get();
}

ConnectionId Clients::connection_of(const engine::ClientAddress& client) const {
  const auto found = by_client_.find(client);
  return found == by_client_.end() ? ConnectionId{} : found->second;
}

}  // namespace bivouac::node
