// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/event.h"
#include "core/engine/random.h"
#include "host-sim/world/observer.h"
#include "host-sim/world/schedule.h"

namespace bivouac::sim {

class World;

/// What a path between two systems is like, each way.
struct PathConditions {
  DurationMs delay{20};
  DurationMs jitter{0};               // more delay, drawn for each piece
  std::int64_t bytes_per_second = 0;  // 0: no limit
};

/// Connections between systems: ordered streams of bytes, each way on its own. They are cut, held
/// back one way, slow and of uneven delay; what arrives is what was sent.
class Network {
 public:
  Network(World& world, engine::Random& random) : world_(world), random_(random) {}

  /// For all paths without conditions of their own.
  PathConditions conditions;
  void set_conditions(const System& a, const System& b, PathConditions path);

  /// Every connection between the two ends, at both ends, and none comes up until healed.
  void cut(const System& a, const System& b);
  /// Undoes cut, and block both ways.
  void heal(const System& a, const System& b);
  /// Nothing of what `from` sends arrives until unblocked; neither end is told.
  void block(const System& from, const System& to);
  void unblock(const System& from, const System& to);
  void heal_all();
  /// When so many more bytes from `from` have arrived, their connection is cut; it may come up
  /// again.
  void cut_after(const System& from, const System& to, std::size_t bytes);
  bool is_cut(const System& a, const System& b) const;
  bool is_blocked(const System& from, const System& to) const;
  bool is_connected(const System& a, const System& b) const;

  // For System.
  void dial(System& from, std::string_view to);
  void send(const System& from, ConnectionId connection, const engine::Outgoing& outgoing);
  void close(const System& by, ConnectionId connection);
  void drop_all(const System& system, bool peers_are_told);
  void end_all(const System& system);

  // For World: what was scheduled is due.
  void on_connect(std::uint32_t dial);
  void on_accept(std::uint32_t connection);
  void on_transmit(std::uint32_t direction);
  void on_deliver(std::uint32_t direction);
  void on_end(std::uint32_t direction, std::uint32_t whose);
  /// False for what cannot come before something else: bytes before their connection is accepted.
  bool is_enabled(const Pending& what) const;

  /// Of what is under way: for the exploration of orders.
  std::uint64_t fingerprint() const;

 private:
  struct Piece {  // of a frame
    std::uint64_t flight = 0;
    engine::SharedBytes frame;
    std::size_t begin = 0;
    std::size_t end = 0;
    MonoMs sent;
    MonoMs arrives;
    bool tell = false;  // its sender learns when it has left
    bool is_last() const { return end == frame->size(); }
  };
  /// What one end of a connection sends.
  struct Way {
    std::deque<Piece> lanes[2];  // control and bulk wait for the line
    std::deque<Piece> flying;    // in order of arrival
    std::size_t waiting_bytes = 0;
    MonoMs line_free;
    bool is_transmitting = false;
    bool is_delivering = false;  // a delivery is scheduled, or waits for its reader
    bool is_ending = false;      // its reader learns that the connection is gone, after what flies
    std::optional<std::size_t> cut_after;
  };
  /// Ends and ways have the same index. The end i of connection n is ConnectionId n + i, and so is
  /// the number of its way.
  struct Connection {
    System* ends[2] = {nullptr, nullptr};
    std::uint32_t boots[2] = {0, 0};  // the run of the system that opened it
    bool is_open[2] = {true, false};
    bool is_accepted = false;
    Way ways[2];
  };
  struct Dial {
    System* from = nullptr;
    std::uint32_t boot = 0;
    std::string to;
  };
  struct WayRef {
    std::uint32_t number;
    Connection& connection;
    std::size_t index;
    Way& way() const { return connection.ways[index]; }
    System& from() const { return *connection.ends[index]; }
    System& to() const { return *connection.ends[1 - index]; }
    bool reader_is_open() const { return connection.is_open[1 - index]; }
  };
  std::optional<WayRef> find(std::uint32_t number);
  PathConditions conditions_of(const System& a, const System& b) const;
  void fly(const WayRef& ref, Piece piece);
  void start_transmit(const WayRef& ref);
  void start_delivery(const WayRef& ref);
  void end_later(const WayRef& ref, DurationMs after);
  void end_now(std::uint32_t number);
  void lose(const WayRef& ref);
  struct Taken {
    Bytes chunk;
    std::vector<Flight> whole;
    engine::Left left;
  };
  Taken take_chunk(const WayRef& ref);
  void wake(const System& from, const System& to);
  std::vector<std::uint32_t> of(const System& system) const;
  std::vector<std::uint32_t> between(const System& a, const System& b) const;
  void erase_if_closed(std::uint32_t number);

  World& world_;
  engine::Random& random_;
  std::map<std::uint32_t, Connection> connections_;  // by number, even
  std::map<std::uint32_t, Dial> dials_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, PathConditions> paths_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> cuts_;    // lower number first
  std::set<std::pair<std::uint32_t, std::uint32_t>> blocks_;  // from, to
  std::uint32_t next_ = 2;
  std::uint32_t next_dial_ = 1;
  std::uint64_t flights_ = 0;
};

}  // namespace bivouac::sim
