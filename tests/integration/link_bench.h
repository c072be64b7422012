// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <uv.h>

#include "firmware/platform/clock_trust.h"
#include "firmware/runtime/links.h"
#include "tests/support/trial_pki.h"

// Nodes of real sockets and real TLS without a core: what happens to them is recorded.

namespace bivouac::test {

/// Stands where group commit stands.
class Recorder final : public firmware::EventSink {
 public:
  void on_event(const engine::Event& event) override;
  bool may_accept() const override { return accepting; }

  struct Peer {
    std::string identity;
    bool dialled = false;
    bool up = true;
    Bytes received;
  };
  /// The one connection that is up with this identity; null when none is.
  const Peer* peer(const std::string& identity) const;
  ConnectionId connection(const std::string& identity) const;
  std::size_t up() const;

  bool accepting = true;
  std::map<ConnectionId, Peer> peers;
  std::size_t ups = 0;
  std::size_t downs = 0;
  std::vector<std::string> dial_failures;
  /// Called for bytes beside recording them.
  std::function<void(ConnectionId, ByteView)> on_bytes;
};

/// One loop for all nodes of a test.
class Loop {
 public:
  Loop() { uv_loop_init(&loop_); }
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  uv_loop_t* get() { return &loop_; }
  /// Turns until the condition holds; false when it does not within the time.
  bool until(const std::function<bool()>& condition, std::int64_t within_ms = 10'000);
  void for_ms(std::int64_t ms) {
    until([] { return false; }, ms);
  }

 private:
  uv_loop_t loop_{};
};

class Node {
 public:
  Node(Loop& loop, std::shared_ptr<const firmware::Credentials> credentials,
       firmware::AdmissionLimits limits = {});
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  std::uint16_t listen();
  /// Makes a partner of the system, reachable there, and dials it.
  void dial(const std::string& system_id, const std::string& address);
  void add_partner(const std::string& system_id, const std::string& address = "");
  void use(std::shared_ptr<const firmware::Credentials> credentials);
  void send(ConnectionId to, Bytes frame, engine::Priority priority = engine::Priority::bulk);
  void close(ConnectionId connection);
  std::uint64_t failures(engine::HandshakeFailure failure) const;
  engine::Telemetry telemetry() const;

  Recorder events;
  firmware::Links& links() { return *links_; }

 private:
  Loop& loop_;
  firmware::ConnectionIds ids_;
  std::shared_ptr<const firmware::Credentials> credentials_;
  engine::Configuration configuration_;
  std::unique_ptr<firmware::Links> links_;
  uv_prepare_t* prepare_;
};

/// A plain TCP client that says what it is told to, for as long as it lives.
class RawClient {
 public:
  RawClient(std::uint16_t port, const std::string& from = "127.0.0.1");
  ~RawClient();
  RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  RawClient(const RawClient&) = delete;
  bool say(const std::string& bytes);
  bool is_closed_by_peer() const;

 private:
  int socket_ = -1;
};

}  // namespace bivouac::test
