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
#include "core/engine/random.h"
#include "core/node/greeting.h"
#include "core/wire/deframer.h"

namespace bivouac::node {

/// One authenticated connection of a partner.
struct Session {
  std::string system_id;                   // from the certificate
  bool dialled = false;                    // by us
  std::optional<wire::Deframer> deframer;  // none once the session is being closed
  bool hello = false;                      // the peer said Hello: the link is up over this session
  Incarnation incarnation;
  std::size_t frame_bytes_max = 0;  // that the peer takes
  MonoMs last_received;
  MonoMs frame_since;  // the first bytes of the frame that waits, or arrives, came
  std::optional<std::int64_t> round_trip_ms;
  std::size_t forwarded_frames = 0;  // by us as a proxy, to this peer, and they wait to leave
  std::size_t forwarded_bytes = 0;
};

/// What we know of the way to one neighbour.
struct Link {
  ConnectionId up;  // none while the link is down
  bool dialling = false;
  std::uint32_t attempts = 0;  // dials since the link was up
  MonoMs last_contact;
  bool ever_up = false;
};

/// Connections to neighbours, which are the partners without a proxy before them: who is at the
/// other end, Hello, signs of life, and when to dial again (decision 7). A frame comes out of here
/// only after its peer said Hello.
class Links {
 public:
  void start(engine::Context& context, std::uint64_t entropy);
  void on_reload(engine::Context& context);
  /// Closes every connection, by and by, and dials no more.
  void stop();

  void on_peer_up(engine::Context& context, const engine::PeerUp& event);
  void on_dial_failed(engine::Context& context, const std::string& system_id);
  void on_bytes(engine::Context& context, const engine::BytesIn& event);
  /// The partner whose link went down by this; empty when none did.
  std::string on_peer_down(engine::Context& context, ConnectionId connection);
  void on_deadline(engine::Context& context, engine::DeadlineId id);

  /// Sessions that are to end: more of them than one step may close.
  bool has_condemned() const { return !condemned_.empty(); }
  void close_some(engine::Context& context);

  /// Some session holds a whole frame.
  bool has_frame() const { return !ready_.empty(); }
  /// The next frame, of sessions in turn. Valid until `consumed`.
  struct Waiting {
    ConnectionId connection;
    wire::Frame frame;
    MonoMs since;  // it began to arrive
  };
  std::optional<Waiting> next_frame(engine::Context& context);
  void consumed(ConnectionId connection);

  /// What a valid Hello leads to. No link_up when the connection is closed instead.
  Greeting on_hello(engine::Context& context, ConnectionId connection,
                    const wire::fb::Hello& hello);
  /// With space again: one Hello that could not be remembered when it came; none when none is left.
  std::optional<Greeting> remember_next(engine::Context& context);
  void on_heartbeat(engine::Context& context, ConnectionId connection,
                    const wire::fb::Heartbeat& heartbeat);

  /// Sends on what is not for us, and keeps count of it until Left.
  void forward(engine::Context& context, ConnectionId to, Bytes frame);
  void on_left(const engine::Left& event);

  const Session* session(ConnectionId connection) const;
  const Link* link(std::string_view system_id) const;
  /// The connection over which the partner is reached; none while its link is down.
  ConnectionId connection_to(std::string_view system_id) const;
  /// What the peer's Hello told; null while its link is down.
  const Session* session_with(std::string_view system_id) const;
  std::size_t count_up() const;

  /// Refuses what the session sent for a cause that ends it.
  void close(engine::Context& context, ConnectionId connection, Cause cause);

 private:
  Cause admit(const engine::Context& context, const std::string& identity) const;
  void condemn(ConnectionId connection, Session& session, Cause cause);
  void dial_later(engine::Context& context, std::size_t partner_index, DurationMs at_most);
  void dial(engine::Context& context, std::size_t partner_index);
  void keep_attempts(engine::Context& context, const std::string& system_id,
                     std::uint32_t attempts);
  void take_ready(ConnectionId connection);

  engine::Random random_{0};
  wire::LargeFrames large_frames_{limits::large_frames_max};
  absl::btree_map<ConnectionId, std::unique_ptr<Session>> sessions_;
  absl::btree_map<std::string, Link, std::less<>> links_;
  std::deque<ConnectionId> ready_;
  std::deque<std::pair<ConnectionId, Cause>> condemned_;
  bool stopping_ = false;
  bool unremembered_ = false;  // some Hello came while space was low
};

}  // namespace bivouac::node
