// SPDX-License-Identifier: Apache-2.0
// How bytes get from one end of a connection to the other.
#include <algorithm>

#include "core/base/limits.h"
#include "host-sim/world/network.h"
#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {

void Network::send(const System& from, ConnectionId connection, const engine::Outgoing& outgoing) {
  const auto ref = find(connection.value);
  if (!ref || !ref->connection.is_open[ref->index]) return;
  Way& way = ref->way();
  if (way.is_ending) return;
  const PathConditions path = conditions_of(ref->from(), ref->to());
  const Flight flight{++flights_, &from, &ref->to(), outgoing.frame, world_.now()};
  world_.tell([&](Observer& o) { o.on_sent(flight); });
  const std::size_t size = outgoing.frame->size();
  const Piece whole{flight.number, outgoing.frame, 0, size, world_.now(), {}, outgoing.tell};
  way.waiting_bytes += size;
  if (way.waiting_bytes > limits::queue_bytes_max + limits::frame_header_bytes) {
    return close(from, connection);  // as the runtime does with a reader that is too slow
  }
  if (path.bytes_per_second == 0) return fly(*ref, whole);
  auto& lane = way.lanes[outgoing.priority == engine::Priority::control ? 0 : 1];
  lane.push_back(whole);
  start_transmit(*ref);
}

void Network::start_transmit(const WayRef& ref) {
  Way& way = ref.way();
  if (way.is_transmitting || (way.lanes[0].empty() && way.lanes[1].empty())) return;
  way.is_transmitting = true;
  world_.pending().add(std::max(world_.now(), way.line_free),
                       {Pending::Kind::transmit, ref.number, 0});
}

/// The line takes what fits into one read of the other side; control goes first, but never into
/// the middle of a frame.
void Network::on_transmit(std::uint32_t number) {
  const auto ref = find(number);
  if (!ref) return;
  Way& way = ref->way();
  way.is_transmitting = false;
  const bool in_bulk = !way.lanes[1].empty() && way.lanes[1].front().begin > 0;
  auto& lane = way.lanes[in_bulk || way.lanes[0].empty() ? 1 : 0];
  if (lane.empty()) return;
  Piece piece = lane.front();
  piece.end = std::min(piece.begin + limits::connection_buffer_bytes, piece.end);
  lane.front().begin = piece.end;
  if (piece.is_last()) lane.pop_front();
  const std::int64_t speed = conditions_of(ref->from(), ref->to()).bytes_per_second;
  const auto bytes = static_cast<std::int64_t>(piece.end - piece.begin);
  way.line_free = world_.now() + DurationMs{speed == 0 ? 0 : bytes * 1000 / speed};
  fly(*ref, std::move(piece));
  start_transmit(*ref);
}

void Network::fly(const WayRef& ref, Piece piece) {
  const PathConditions path = conditions_of(ref.from(), ref.to());
  const DurationMs jitter{path.jitter.ms == 0 ? 0 : random_.below(path.jitter.ms + 1)};
  Way& way = ref.way();
  piece.arrives = std::max(way.line_free, world_.now()) + path.delay + jitter;
  if (!way.flying.empty()) piece.arrives = std::max(piece.arrives, way.flying.back().arrives);
  way.flying.push_back(std::move(piece));
  start_delivery(ref);
}

void Network::start_delivery(const WayRef& ref) {
  Way& way = ref.way();
  if (way.is_delivering || way.flying.empty() || is_blocked(ref.from(), ref.to())) return;
  way.is_delivering = true;
  world_.pending().add(std::max(world_.now(), way.flying.front().arrives),
                       {Pending::Kind::deliver, ref.number, 0});
}

Network::Taken Network::take_chunk(const WayRef& ref) {
  Taken taken;
  taken.left.connection = {ref.number};
  Bytes& chunk = taken.chunk;
  Way& way = ref.way();
  std::size_t room = limits::connection_buffer_bytes;
  if (way.cut_after) room = std::min(room, *way.cut_after);
  while (room > 0 && !way.flying.empty() && way.flying.front().arrives <= world_.now()) {
    Piece& piece = way.flying.front();
    const std::size_t count = std::min(room, piece.end - piece.begin);
    const auto begin = piece.frame->begin() + static_cast<std::ptrdiff_t>(piece.begin);
    chunk.insert(chunk.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
    piece.begin += count;
    room -= count;
    if (piece.begin < piece.end) break;
    if (piece.is_last()) {
      taken.whole.push_back({piece.flight, &ref.from(), &ref.to(), piece.frame, piece.sent});
      if (piece.tell) {
        ++taken.left.frames;
        taken.left.bytes += piece.frame->size();
      }
    }
    way.flying.pop_front();
  }
  way.waiting_bytes -= chunk.size();
  return taken;
}

void Network::on_deliver(std::uint32_t number) {
  const auto ref = find(number);
  if (!ref) return;
  Way& way = ref->way();
  way.is_delivering = false;
  if (is_blocked(ref->from(), ref->to())) return;  // goes on when unblocked
  System& to = ref->to();
  if (!ref->reader_is_open()) {
    // Nobody reads. A machine that is there says so; one that is gone says nothing.
    lose(*ref);
    if (to.is_up() && ref->connection.is_open[ref->index]) {
      end_later({number ^ 1U, ref->connection, 1 - ref->index}, {0});
    }
    if (way.is_ending) erase_if_closed(number & ~1U);
    return;
  }
  if (!to.may_accept()) {  // reads again when its disk has caught up
    way.is_delivering = true;
    to.hold(number);
    return;
  }
  const auto [chunk, whole, left] = take_chunk(*ref);
  const bool ends_here = way.cut_after && (*way.cut_after -= chunk.size()) == 0;
  for (const Flight& flight : whole) world_.tell([&](Observer& o) { o.on_arrived(flight); });
  if (!way.flying.empty()) {
    start_delivery(*ref);
  } else if (way.is_ending) {
    end_later(*ref, {0});
  }
  System& from = ref->from();
  const bool is_told = left.frames != 0 && ref->connection.is_open[ref->index];
  if (!chunk.empty()) to.event(engine::BytesIn{{number ^ 1U}, chunk});
  if (is_told) from.event(left);  // one that is gone meanwhile knows no such connection any more
  if (!ends_here) return;
  world_.fault(FaultKind::cut_in_frame, from, &to);
  if (find(number)) end_now(number & ~1U);
}

}  // namespace bivouac::sim
