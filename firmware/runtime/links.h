// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <uv.h>

#include "core/engine/configuration.h"
#include "core/engine/telemetry.h"
#include "firmware/crypto/credentials.h"
#include "firmware/runtime/admission.h"
#include "firmware/runtime/connection.h"
#include "firmware/runtime/event_sink.h"
#include "firmware/runtime/lanes.h"
#include "firmware/runtime/resolver.h"

namespace bivouac::firmware {

/// Numbers for connections of peers and of operators, never used twice.
class ConnectionIds {
 public:
  ConnectionId draw() { return {++last_}; }

 private:
  std::uint32_t last_ = 0;
};

/// By what certificates are judged now (decision 9).
struct JudgedClock {
  bool trusted = true;
  WallMs floor;
};

/// All TLS connections of this node: listeners, dials, admission of strangers, what is sent.
class Links {
 public:
  Links(uv_loop_t* loop, EventSink& sink, ConnectionIds& ids, std::size_t lanes,
        AdmissionLimits limits);
  ~Links();

  /// Configuration and credentials, at start and at each reload. Connections whose peer does not
  /// stand up to the new ones are closed, the others are not touched.
  void use(std::shared_ptr<const engine::Configuration> configuration,
           std::shared_ptr<const Credentials> credentials);
  void use_clock(JudgedClock clock);

  std::expected<void, std::string> bind(const std::string& host, std::uint16_t port);
  std::vector<std::uint16_t> ports() const;
  std::expected<void, std::string> listen();

  /// As driver::Outbox::release. False: no such connection here.
  bool release(const engine::Outgoing& outgoing);
  /// Once per turn of the loop, before it sleeps: writes, dials, goes on reading. True when events
  /// were put into the sink, so that they want a flush.
  bool turn();

  void judge_all_again();
  /// Closes links whose peer's certificate has ended meanwhile.
  void close_expired();
  void fill(engine::Telemetry& telemetry) const;
  void stop_listening();
  /// Everything queued has left, or there is no link.
  bool is_drained() const;
  void close_all(bool gently);
  /// Closes what is left and the helpers; the loop can end when it has run out of callbacks.
  void close();
  bool empty() const { return connections_.empty() && lanes_.pending() == 0; }

 private:
  friend class Connection;
  struct Listener;
  struct Dial {
    std::string system_id;
    std::uint32_t address = 0;
  };

  // For Connection
  uv_loop_t* loop() { return loop_; }
  EventSink& sink() { return sink_; }
  Lanes& lanes() { return lanes_; }
  const AdmissionLimits& limits() const { return admission_.limits(); }
  std::shared_ptr<const Credentials> credentials() const { return credentials_; }
  PeerPolicy policy(const std::string& expected) const;
  void emit(const engine::Event& event);
  void mark(Connection& connection) { marked_.push_back(connection.id()); }
  void ask_to_begin(Connection& connection);
  void on_authenticated(Connection& connection);
  void on_refused(Connection& connection, engine::HandshakeFailure failure,
                  const std::string& detail);
  void on_left_handshake(Connection& connection);
  void count_full_queue() { ++full_queues_; }
  void on_closed(Connection& connection);
  std::span<std::uint8_t> read_buffer() { return read_buffer_; }
  std::span<std::uint8_t> record_buffer() { return record_buffer_; }

  enum class IPv6 : std::uint8_t { alone, with_ipv4 };
  std::expected<void, std::string> bind_address(const std::string& host, std::uint16_t port,
                                                IPv6 ipv6);
  void on_incoming(Listener& listener);
  void accept_from(Listener& listener);
  bool make_room_for_stranger();
  bool admit(Connection& connection);
  void grant_begins();
  void welcome_waiting();
  void start_dial(const Dial& dial);
  void dial_failed(const std::string& system_id, const std::string& why);
  void try_addresses(const std::string& system_id, std::vector<SocketAddress> addresses);
  void sweep();
  void keep_sweeping();
  void count(engine::HandshakeFailure failure) { ++failures_[static_cast<std::size_t>(failure)]; }
  void judge_again(Connection& connection);
  Connection* find(ConnectionId id) const;

  uv_loop_t* loop_;
  EventSink& sink_;
  ConnectionIds& ids_;
  Lanes lanes_;
  Admission admission_;
  Resolver resolver_;
  std::shared_ptr<const engine::Configuration> configuration_;
  std::shared_ptr<const Credentials> credentials_;
  JudgedClock clock_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::map<ConnectionId, std::shared_ptr<Connection>> connections_;
  std::map<ConnectionId, std::vector<SocketAddress>>
      other_addresses_;                   // of a name that is being dialled
  std::deque<ConnectionId> begin_queue_;  // whole ClientHello here, no slot yet
  std::size_t begun_ = 0;
  std::vector<ConnectionId> marked_;
  std::deque<Dial> dials_;
  std::array<std::uint64_t, static_cast<std::size_t>(engine::HandshakeFailure::count_)> failures_{};
  std::uint64_t handshakes_ = 0;
  std::uint64_t full_queues_ = 0;
  uv_timer_t* sweep_timer_ = nullptr;
  bool emitted_ = false;
  bool closing_ = false;
  std::vector<std::uint8_t> read_buffer_;
  std::vector<std::uint8_t> record_buffer_;
};

}  // namespace bivouac::firmware
