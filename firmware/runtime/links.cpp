// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/links.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/identity.h"
#include "firmware/platform/clock_trust.h"
#include "firmware/platform/logger.h"
#include "firmware/runtime/listener.h"

namespace bivouac::firmware {

using engine::HandshakeFailure;

namespace {

constexpr std::uint64_t sweep_ms = 200;

}  // namespace

Links::Links(uv_loop_t* loop, EventSink& sink, ConnectionIds& ids, std::size_t lanes,
             AdmissionLimits limits)
    : loop_(loop),
      sink_(sink),
      ids_(ids),
      lanes_(loop, lanes),
      admission_(limits),
      resolver_(loop),
      sweep_timer_(new uv_timer_t),
      read_buffer_(TlsSession::ring_bytes_max),
      record_buffer_(TlsSession::record_bytes_max) {
  uv_timer_init(loop_, sweep_timer_);
  sweep_timer_->data = this;
}

Links::~Links() { BIVOUAC_ASSERT(closing_ && empty()); }

void Links::use(std::shared_ptr<const engine::Configuration> configuration,
                std::shared_ptr<const Credentials> credentials) {
  const auto before = std::exchange(configuration_, std::move(configuration));
  credentials_ = std::move(credentials);
  if (before == nullptr) return;
  for (const auto& [id, connection] : connections_) {
    const bool was_partner =
        connection->is_up() && before->neighbour(connection->identity()) != nullptr;
    if (was_partner && configuration_->neighbour(connection->identity()) == nullptr) {
      connection->close_now("no longer a partner");
    }
  }
  judge_all_again();
}

void Links::use_clock(JudgedClock clock) { clock_ = clock; }

PeerPolicy Links::policy(const std::string& expected) const {
  const WallMs floor = std::max(clock_.floor, credentials_->clock_floor());
  PeerPolicy policy;
  policy.clock_trusted = clock_.trusted;
  policy.judged_at = clock_.trusted ? std::max(wall_now(), floor) : floor;
  policy.expected = expected;
  // Who has a profile only the core knows: here it is whoever could be a user of ours.
  policy.is_pinned = [configured = configuration_](const std::string& identity) {
    return configured->neighbour(identity) != nullptr ||
           (is_canonical_identity(identity) && configured->home_of_user(identity) == nullptr);
  };
  return policy;
}

void Links::emit(const engine::Event& event) {
  emitted_ = true;
  sink_.on_event(event);
}

Connection* Links::find(ConnectionId id) const {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

bool Links::release(const engine::Outgoing& outgoing) {
  if (outgoing.kind == engine::Outgoing::Kind::dial) {
    dials_.push_back({outgoing.system_id, outgoing.address});
    return true;
  }
  Connection* connection = find(outgoing.connection);
  if (connection == nullptr) return false;
  if (outgoing.kind == engine::Outgoing::Kind::send) {
    connection->send(outgoing.frame, outgoing.priority, outgoing.tell);
  } else {
    if (outgoing.cause != Cause::none) {
      log::info("link_closing", {{"peer", connection->identity()},
                                 {"cause", std::string(bivouac::name(outgoing.cause))}});
    }
    connection->close_gently();
  }
  return true;
}

bool Links::turn() {
  emitted_ = false;
  while (!dials_.empty()) {
    const Dial dial = std::move(dials_.front());
    dials_.pop_front();
    start_dial(dial);
  }
  std::vector<ConnectionId> marked;
  marked.swap(marked_);
  for (const ConnectionId id : marked) {
    Connection* connection = find(id);
    if (connection == nullptr) continue;
    connection->pump();
    connection->resume();
  }
  // A paused connection marks itself again; it is looked at once a turn.
  std::ranges::sort(marked_);
  marked_.erase(std::ranges::unique(marked_).begin(), marked_.end());
  return emitted_;
}

void Links::ask_to_begin(Connection& connection) {
  begin_queue_.push_back(connection.id());
  grant_begins();
}

void Links::grant_begins() {
  while (begun_ < limits().begun_max && !begin_queue_.empty()) {
    Connection* connection = find(begin_queue_.front());
    begin_queue_.pop_front();
    if (connection == nullptr || connection->state() != Connection::State::waiting) continue;
    ++begun_;
    connection->begin();
  }
}

/// Called once for each accepted connection when its handshake is over, whatever the outcome.
void Links::on_left_handshake(Connection& connection) {
  const bool was_in = connection.state() == Connection::State::waiting ||
                      connection.state() == Connection::State::shaking;
  if (!connection.is_admitted() || !was_in) return;
  admission_.leave(source_of(host_of(connection.address())));
  if (connection.has_begun()) --begun_;
}

void Links::on_authenticated(Connection& connection) {
  ++handshakes_;
  other_addresses_.erase(connection.id());
  welcome_waiting();
}

/// A place is free: handshakes that wait may begin, connections that wait in the kernel are taken.
void Links::welcome_waiting() {
  if (closing_) return;
  grant_begins();
  for (const auto& listener : listeners_) {
    if (listener->waiting) accept_from(*listener);
  }
}

void Links::on_refused(Connection& connection, HandshakeFailure failure,
                       const std::string& detail) {
  count(failure);
  log::warning(connection.role() == TlsRole::listening ? "peer_refused" : "dial_refused",
               {{"cause", std::string(engine::name(failure))},
                {"address", connection.address()},
                {"system", connection.system_id()},
                {"detail", detail}});
}

void Links::on_closed(Connection& connection) {
  const ConnectionId id = connection.id();
  const std::string system_id = connection.system_id();
  const bool was_up = connection.was_up();
  const bool dialled = connection.role() == TlsRole::dialling;
  std::vector<SocketAddress> others;
  if (const auto found = other_addresses_.find(id); found != other_addresses_.end()) {
    others = std::move(found->second);
    other_addresses_.erase(found);
  }
  connections_.erase(id);
  if (was_up) {
    emit(engine::PeerDown{id});
  } else if (dialled && !closing_ && !others.empty()) {
    try_addresses(system_id, std::move(others));
  } else if (dialled) {
    emit(engine::DialFailed{system_id});
  }
  welcome_waiting();
}

void Links::keep_sweeping() {
  if (sweep_timer_ == nullptr ||
      uv_is_active(reinterpret_cast<const uv_handle_t*>(sweep_timer_)) != 0)
    return;
  uv_timer_start(
      sweep_timer_, [](uv_timer_t* timer) { static_cast<Links*>(timer->data)->sweep(); }, sweep_ms,
      sweep_ms);
}

/// Looks at everything that has a time limit; stops when there is nothing of the kind.
void Links::sweep() {
  const MonoMs now = monotonic_now();
  bool needed = false;
  for (const auto& [id, connection] : connections_) {
    connection->check_deadlines(now);
    needed = needed || connection->state() != Connection::State::open;
  }
  // A begun handshake that has stalled yields to a stranger who has shown a whole ClientHello.
  if (!begin_queue_.empty() && begun_ >= limits().begun_max) {
    Connection* stalled = nullptr;
    for (const auto& [id, connection] : connections_) {
      if (connection->state() != Connection::State::shaking ||
          connection->role() != TlsRole::listening)
        continue;
      const MonoMs since = connection->silent_since();
      if (since == MonoMs::never() || now < since + limits().stalled) continue;
      if (stalled == nullptr || since < stalled->silent_since()) stalled = connection.get();
    }
    if (stalled != nullptr)
      stalled->refuse(HandshakeFailure::too_many, "stalled while others wait");
  }
  welcome_waiting();
  if (!needed && sweep_timer_ != nullptr) uv_timer_stop(sweep_timer_);
}

void Links::judge_all_again() {
  for (const auto& [id, connection] : connections_) {
    if (connection->is_up()) judge_again(*connection);
  }
}

void Links::close_expired() {
  const WallMs now = policy("").judged_at;
  for (const auto& [id, connection] : connections_) {
    if (!connection->is_up() || connection->peer().expires >= now) continue;
    count(HandshakeFailure::expired);
    connection->close_now("the peer's certificate has expired");
  }
}

void Links::judge_again(Connection& connection) {
  struct Job {
    std::shared_ptr<const Credentials> credentials;
    PeerPolicy policy;
    TlsRole role;
    std::vector<Bytes> chain;
    PeerReport report;
  };
  const auto job = std::make_shared<Job>(Job{credentials_,
                                             policy(connection.system_id()),
                                             connection.role(),
                                             connection.peer().chain,
                                             {}});
  const std::size_t lane = lanes_.next();
  lanes_.submit(
      lane,
      [job, lane] {
        job->report =
            firmware::judge_again(*job->credentials, lane, job->role, job->policy, job->chain);
      },
      [this, job, id = connection.id()] {
        Connection* judged = find(id);
        if (judged == nullptr || !judged->is_up() || !job->report.failure) return;
        count(*job->report.failure);
        log::warning("peer_no_longer_valid",
                     {{"peer", judged->identity()},
                      {"cause", std::string(engine::name(*job->report.failure))},
                      {"detail", job->report.detail}});
        judged->close_now("no longer valid");
      });
}

void Links::fill(engine::Telemetry& telemetry) const {
  telemetry.handshake_failures = failures_;
  telemetry.handshakes = handshakes_;
  telemetry.full_queues = full_queues_;
  telemetry.own_certificate_expires_ms = credentials_->expires().ms;
  for (const auto& [id, connection] : connections_) {
    if (!connection->is_up()) continue;
    telemetry.connections.push_back({id.value, connection->queue_bytes(),
                                     connection->peer().expires.ms, connection->peer().tls_version,
                                     connection->address()});
  }
}

bool Links::is_drained() const {
  return std::ranges::all_of(connections_, [](const auto& entry) {
    return !entry.second->is_up() || entry.second->queue_bytes() == 0;
  });
}

void Links::close_all(bool gently) {
  for (const auto& [id, connection] : connections_) {
    if (gently && connection->is_up()) {
      connection->close_gently();
    } else {
      connection->close_now("shutting down");
    }
  }
}

void Links::close() {
  if (closing_) return;
  closing_ = true;
  dials_.clear();
  stop_listening();
  close_all(false);
  resolver_.close();
  uv_close(reinterpret_cast<uv_handle_t*>(sweep_timer_), [](uv_handle_t* handle) {
    delete static_cast<uv_timer_t*>(static_cast<void*>(handle));
  });
  sweep_timer_ = nullptr;
}

}  // namespace bivouac::firmware
