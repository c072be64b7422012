// SPDX-License-Identifier: Apache-2.0
#include "host-sim/world/network.h"

#include <algorithm>

#include "core/base/hash.h"
#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
namespace {

constexpr DurationMs connect_timeout{10'000};
/// Detail of an end that its reader brought about: no network lies between.
constexpr std::uint32_t own_end = 1;

std::pair<std::uint32_t, std::uint32_t> ordered(const System& a, const System& b) {
  return std::minmax(a.number(), b.number());
}

}  // namespace

// ---- conditions and faults

void Network::set_conditions(const System& a, const System& b, PathConditions path) {
  paths_[ordered(a, b)] = path;
}

PathConditions Network::conditions_of(const System& a, const System& b) const {
  const auto found = paths_.find(ordered(a, b));
  return found == paths_.end() ? conditions : found->second;
}

bool Network::is_cut(const System& a, const System& b) const {
  return cuts_.contains(ordered(a, b));
}

bool Network::is_blocked(const System& from, const System& to) const {
  return blocks_.contains({from.number(), to.number()});
}

std::vector<std::uint32_t> Network::of(const System& system) const {
  std::vector<std::uint32_t> numbers;
  for (const auto& [number, connection] : connections_) {
    if (connection.ends[0] == &system || connection.ends[1] == &system) numbers.push_back(number);
  }
  return numbers;
}

std::vector<std::uint32_t> Network::between(const System& a, const System& b) const {
  std::vector<std::uint32_t> numbers;
  for (const auto& [number, connection] : connections_) {
    const auto [low, high] = ordered(*connection.ends[0], *connection.ends[1]);
    if (std::pair{low, high} == ordered(a, b)) numbers.push_back(number);
  }
  return numbers;
}

bool Network::is_connected(const System& a, const System& b) const {
  return std::ranges::any_of(between(a, b), [&](std::uint32_t number) {
    const Connection& connection = connections_.at(number);
    return connection.is_open[0] && connection.is_open[1];
  });
}

void Network::cut(const System& a, const System& b) {
  if (!cuts_.insert(ordered(a, b)).second) return;
  world_.fault(FaultKind::cut, a, &b);
  for (const std::uint32_t number : between(a, b)) end_now(number);
}

void Network::block(const System& from, const System& to) {
  if (!blocks_.insert({from.number(), to.number()}).second) return;
  world_.fault(FaultKind::blocked, from, &to);
}

void Network::unblock(const System& from, const System& to) {
  if (blocks_.erase({from.number(), to.number()}) == 0) return;
  world_.fault(FaultKind::unblocked, from, &to);
  wake(from, to);
}

void Network::heal(const System& a, const System& b) {
  unblock(a, b);
  unblock(b, a);
  if (cuts_.erase(ordered(a, b)) != 0) world_.fault(FaultKind::healed, a, &b);
}

void Network::heal_all() {
  for (const auto& a : world_.systems()) {
    for (const auto& b : world_.systems()) {
      if (a->number() < b->number()) heal(*a, *b);
    }
    for (const auto& client : world_.clients()) heal(*a, *client);
  }
}

void Network::wake(const System& from, const System& to) {
  for (const std::uint32_t number : between(from, to)) {
    for (std::uint32_t index = 0; index < 2; ++index) {
      const auto ref = find(number + index);
      if (!ref || &ref->from() != &from) continue;
      if (!ref->way().flying.empty()) start_delivery(*ref);
      if (ref->way().is_ending && ref->way().flying.empty()) end_later(*ref, {0});
    }
  }
}

void Network::cut_after(const System& from, const System& to, std::size_t bytes) {
  for (const std::uint32_t number : between(from, to)) {
    for (std::uint32_t index = 0; index < 2; ++index) {
      const auto ref = find(number + index);
      if (ref && &ref->from() == &from) ref->way().cut_after = bytes;
    }
  }
}

// ---- connections

std::optional<Network::WayRef> Network::find(std::uint32_t number) {
  const auto found = connections_.find(number & ~1U);
  if (found == connections_.end()) return std::nullopt;
  return WayRef{number, found->second, number & 1U};
}

void Network::dial(System& from, std::string_view to) {
  const System* target = world_.find(to);
  const PathConditions path = target == nullptr ? conditions : conditions_of(from, *target);
  const bool silent = target != nullptr && (is_blocked(from, *target) || is_blocked(*target, from));
  const std::uint32_t number = next_dial_++;
  dials_.emplace(number, Dial{&from, from.boots(), std::string(to)});
  const DurationMs takes = silent ? connect_timeout : DurationMs{2 * path.delay.ms};
  world_.pending().add(world_.now() + takes, {Pending::Kind::connect, number, 0});
}

void Network::on_connect(std::uint32_t dial) {
  const Dial one = std::move(dials_.at(dial));
  dials_.erase(dial);
  System& from = *one.from;
  if (!from.is_up() || from.boots() != one.boot) return;
  System* to = world_.find(one.to);
  const bool works = to != nullptr && to->is_up() && !to->is_stopping() && !is_cut(from, *to) &&
                     !is_blocked(from, *to) && !is_blocked(*to, from) &&
                     world_.may_shake_hands(from, *to);
  if (!works) return from.event(engine::DialFailed{one.to});

  const std::uint32_t number = next_;
  next_ += 2;
  Connection connection;
  connection.ends[0] = &from;
  connection.ends[1] = to;
  connection.boots[0] = from.boots();
  connection.boots[1] = to->boots();
  connections_.emplace(number, std::move(connection));
  world_.pending().add(world_.now() + conditions_of(from, *to).delay,
                       {Pending::Kind::accept, number, 0});
  world_.tell([&](Observer& o) { o.on_connected(from, *to); });
  from.event(engine::PeerUp{{number}, to->identity(), true});
}

void Network::on_accept(std::uint32_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  System& to = *connection.ends[1];
  if (!to.is_up() || to.boots() != connection.boots[1] || to.is_stopping()) {
    return end_later({number + 1, connection, 1}, {0});
  }
  connection.is_open[1] = true;
  connection.is_accepted = true;
  to.event(engine::PeerUp{{number + 1}, connection.ends[0]->identity(), false});
}

// ---- the end of connections

/// The reader of this way learns that the connection is gone, once what flies has arrived.
void Network::end_later(const WayRef& ref, DurationMs after) {
  ref.way().is_ending = true;
  if (is_blocked(ref.from(), ref.to())) return;
  world_.pending().add(world_.now() + after, {Pending::Kind::end, ref.number, 0});
}

void Network::on_end(std::uint32_t number, std::uint32_t whose) {
  const auto ref = find(number);
  if (!ref || (whose != own_end && is_blocked(ref->from(), ref->to()))) return;
  if (!ref->way().flying.empty()) return start_delivery(*ref);  // comes back after the last piece
  Connection& connection = ref->connection;
  const std::size_t reader = 1 - ref->index;
  if (connection.is_open[reader]) {
    connection.is_open[reader] = false;
    System& to = ref->to();
    // Who closed has said what it had to say: that arrives, as long as the other end reads.
    if (whose != own_end) lose({number ^ 1U, connection, reader});
    world_.tell([&](Observer& o) { o.on_disconnected(to, ref->from()); });
    erase_if_closed(number & ~1U);
    to.event(engine::PeerDown{{number ^ 1U}});
    return;
  }
  erase_if_closed(number & ~1U);
}

void Network::close(const System&, ConnectionId id) {
  const auto ref = find(id.value);
  if (!ref || ref->way().is_ending) return;
  Way& way = ref->way();
  // What waits for the line leaves before the connection ends.
  for (auto& lane : way.lanes) {
    for (Piece& piece : std::exchange(lane, {})) fly(*ref, std::move(piece));
  }
  end_later(*ref, conditions_of(ref->from(), ref->to()).delay);
  // Our own end is gone at once; what flies towards it is lost.
  const WayRef back{id.value ^ 1U, ref->connection, 1 - ref->index};
  lose(back);
  back.way().is_ending = true;
  world_.pending().add(world_.now(), {Pending::Kind::end, back.number, own_end});
}

/// Both ends learn it at once, and nothing that flies arrives.
void Network::end_now(std::uint32_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  Connection connection = std::move(found->second);
  connections_.erase(found);
  for (std::uint32_t index = 0; index < 2; ++index) lose({number + index, connection, index});
  world_.tell([&](Observer& o) { o.on_disconnected(*connection.ends[0], *connection.ends[1]); });
  for (std::uint32_t index = 0; index < 2; ++index) {
    System& end = *connection.ends[index];
    if (connection.is_open[index] && end.boots() == connection.boots[index]) {
      end.event(engine::PeerDown{{number + index}});
    }
  }
}

void Network::end_all(const System& system) {
  for (const std::uint32_t number : of(system)) end_now(number);
}

void Network::drop_all(const System& system, bool peers_are_told) {
  for (const std::uint32_t number : of(system)) {
    Connection& connection = connections_.at(number);
    const std::uint32_t mine = connection.ends[0] == &system ? 0 : 1;
    connection.is_open[mine] = false;
    const WayRef away{number + mine, connection, mine};
    for (auto& lane : away.way().lanes) lane.clear();
    lose({number + 1 - mine, connection, 1 - mine});
    if (peers_are_told) end_later(away, conditions_of(away.from(), away.to()).delay);
    erase_if_closed(number);
  }
}

void Network::lose(const WayRef& ref) {
  Way& way = ref.way();
  std::vector<Flight> lost;
  for (auto* pieces : {&way.flying, &way.lanes[0], &way.lanes[1]}) {
    for (const Piece& piece : *pieces) {
      if (piece.is_last())
        lost.push_back({piece.flight, &ref.from(), &ref.to(), piece.frame, piece.sent});
    }
    pieces->clear();
  }
  way.waiting_bytes = 0;
  for (const Flight& flight : lost) world_.tell([&](Observer& o) { o.on_lost(flight); });
}

void Network::erase_if_closed(std::uint32_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  if (connection.is_open[0] || connection.is_open[1]) return;
  for (std::uint32_t index = 0; index < 2; ++index) lose({number + index, connection, index});
  connections_.erase(found);
}

bool Network::is_enabled(const Pending& what) const {
  if (what.kind != Pending::Kind::deliver || (what.subject & 1U) != 0) return true;
  const auto found = connections_.find(what.subject);
  return found == connections_.end() || found->second.is_accepted;
}

std::uint64_t Network::fingerprint() const {
  std::uint64_t hash = 0;
  const auto mix = [&](std::uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 29U;
  };
  for (const auto& [number, connection] : connections_) {
    mix(number);
    for (std::size_t i = 0; i < 2; ++i) {
      const Way& way = connection.ways[i];
      mix(connection.is_open[i] ? 1U : 2U);
      mix((way.is_ending ? 1U : 0U) | (way.is_delivering ? 2U : 0U));
      for (const Piece& piece : way.flying) {
        mix(siphash(1, 2, *piece.frame));
        mix(piece.begin);
      }
    }
  }
  for (const auto& [a, b] : cuts_) mix((std::uint64_t{a} << 32U) | b);
  for (const auto& [a, b] : blocks_) mix(~((std::uint64_t{a} << 32U) | b));
  return hash;
}

}  // namespace bivouac::sim
