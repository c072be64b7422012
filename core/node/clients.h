// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <absl/container/btree_map.h>

#include "core/engine/context.h"
#include "core/engine/event.h"
#include "core/wire/deframer.h"

namespace bivouac::node {

/// One authenticated connection of an MC service client. Until its Hello the client has no id.
struct ClientSession {
  engine::ClientAddress client;
  std::optional<wire::Deframer> deframer;  // none once the session is being closed
  bool hello = false;
  Incarnation incarnation;
  MonoMs last_received;
};

/// Connections of MC service clients, beside those of partners (links.h): which user and which of
/// the user's clients is at the other end, and its signs of life. A client dials, says Hello first,
/// and sends the heartbeats; its requests are short.
class Clients {
 public:
  /// Whether a peer of this identity would be a client: it has the name of a user.
  static bool is_client(const engine::Configuration& configuration, std::string_view identity);

  void on_peer_up(engine::Context& context, const engine::PeerUp& event);
  /// The client whose session this was; none when the connection is no client's, or had not said
  /// Hello, or when a newer session has taken its place.
  std::optional<engine::ClientAddress> on_peer_down(engine::Context& context,
                                                    ConnectionId connection);
  void on_bytes(engine::Context& context, const engine::BytesIn& event);
  void on_deadline(engine::Context& context, engine::DeadlineId id);
  /// Closes every connection, by and by, and takes no more.
  void stop();
  /// The user is not served here any more.
  void end_sessions_of(std::string_view mc_service_id);

  bool has(ConnectionId connection) const { return sessions_.contains(connection); }
  const ClientSession* session(ConnectionId connection) const;
  /// None while the client is not connected.
  ConnectionId connection_of(const engine::ClientAddress& client) const;
  const absl::btree_map<engine::ClientAddress, ConnectionId>& all() const { return by_client_; }

  bool has_condemned() const { return !condemned_.empty(); }
  void close_some(engine::Context& context);
  bool has_frame() const { return !ready_.empty(); }
  struct Waiting {
    ConnectionId connection;
    wire::Frame frame;
  };
  /// The next frame, of sessions in turn. Valid until `consumed`.
  std::optional<Waiting> next_frame(engine::Context& context);
  void consumed(ConnectionId connection);

  /// False when the connection is closed instead. True also when a session of the same client was
  /// ended by it, whose log-on is then over.
  bool on_hello(engine::Context& context, ConnectionId connection, const wire::fb::Hello& hello);
  void on_heartbeat(engine::Context& context, ConnectionId connection,
                    const wire::fb::Heartbeat& heartbeat);
  void close(engine::Context& context, ConnectionId connection, Cause cause);

 private:
  Cause admit(const engine::Context& context, const std::string& identity) const;
  void condemn(ConnectionId connection, ClientSession& session, Cause cause);
  void take_ready(ConnectionId connection);

  wire::LargeFrames large_frames_{0};  // clients have no need of them
  absl::btree_map<ConnectionId, std::unique_ptr<ClientSession>> sessions_;
  absl::btree_map<engine::ClientAddress, ConnectionId> by_client_;  // that said Hello
  std::deque<ConnectionId> ready_;
  std::deque<std::pair<ConnectionId, Cause>> condemned_;
  bool stopping_ = false;
};

}  // namespace bivouac::node
