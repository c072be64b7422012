// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <uv.h>

#include "firmware/crypto/tls_session.h"
#include "firmware/runtime/output_queue.h"
#include "firmware/runtime/record_watch.h"
#include "firmware/runtime/resolver.h"

namespace bivouac::firmware {

class Links;

/// One TLS connection with a peer, accepted or dialled, from the first byte to the last.
///
///   connecting ─▶ waiting ─▶ shaking ─▶ open ─▶ draining ─▶ closing
///   (dialled)     (accepted)
///
/// Closing may begin in every state. The handle is closed at once; the object lives until its close
/// callback has run and no pool thread has the session. What the core hears (PeerDown, DialFailed)
/// is told from the close callback, hence never from within a call of the core.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  enum class State : std::uint8_t { connecting, waiting, shaking, open, draining, closing };

  Connection(Links& links, ConnectionId id, TlsRole role, std::string system_id);

  /// Takes over an accepted socket; false when the other side is gone already.
  bool accept(uv_stream_t* listener);
  void connect(const SocketAddress& address);
  /// A slot for the handshake is free: the first step goes to the pool.
  void begin();

  void send(engine::SharedBytes frame, engine::Priority priority, bool tell);
  /// What was sent before still leaves, within a second or two.
  void close_gently();
  /// No handshake for this one: counted, logged with the detail, closed.
  void refuse(engine::HandshakeFailure failure, const std::string& detail);
  void close_now(const char* reason);

  /// End of a turn: everything queued leaves in as few records and writes as can be.
  void pump();
  /// Goes on reading after back-pressure.
  void resume();
  void check_deadlines(MonoMs now);

  ConnectionId id() const { return id_; }
  State state() const { return state_; }
  TlsRole role() const { return role_; }
  bool is_up() const { return was_up_ && (state_ == State::open || state_ == State::draining); }
  bool was_up() const { return was_up_; }
  bool has_begun() const { return has_begun_; }
  bool is_admitted() const { return is_admitted_; }
  const std::string& system_id() const { return system_id_; }  // dialled: the partner
  const std::string& identity() const { return peer_.identity; }
  const std::string& address() const { return address_; }
  const PeerReport& peer() const { return peer_; }
  std::size_t queue_bytes() const { return queue_.bytes(); }
  MonoMs accepted_at() const { return born_; }
  /// Since when a handshake waits for the other side; never() while it does not.
  MonoMs silent_since() const;

 private:
  static void on_alloc(uv_handle_t* handle, std::size_t suggested, uv_buf_t* buffer);
  static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer);
  static void on_written(uv_write_t* request, int status);
  static void on_closed(uv_handle_t* handle);

  void open_session();
  void on_connected(int status);
  void take(ByteView bytes);
  void take_in_handshake(ByteView bytes);
  void run_step();
  void on_step_done();
  void on_authenticated();
  void read_decrypted();
  void on_stream_end(int code);
  bool may_read() const;
  void start_reading();
  void stop_reading();
  bool flush_bytes();
  void finish_draining();
  void tell_what_left();
  void close_handle();

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&tcp_); }

  Links& links_;
  ConnectionId id_;
  TlsRole role_;
  std::string system_id_;
  std::string address_;
  State state_;
  std::unique_ptr<TlsSession> session_;
  std::size_t lane_ = 0;
  TlsSession::Progress progress_ = TlsSession::Progress::wants_input;
  PeerReport peer_;
  RecordWatch records_;
  OutputQueue queue_;
  Bytes in_flight_;
  uv_tcp_t tcp_{};
  uv_connect_t connect_{};
  uv_write_t write_{};
  uv_shutdown_t shutdown_{};
  MonoMs born_;
  MonoMs silent_since_;
  MonoMs drain_until_;
  bool is_admitted_ = false;
  bool has_begun_ = false;
  bool step_running_ = false;  // a pool thread owns session_
  bool was_up_ = false;
  bool reading_ = false;
  bool paused_ = false;
  bool writing_ = false;
  bool shut_down_ = false;
  bool has_handle_ = false;
  std::shared_ptr<Connection> self_;  // while the handle is open
};

}  // namespace bivouac::firmware
