// SPDX-License-Identifier: Apache-2.0
#include "core/node/links.h"

#include <algorithm>

#include "core/base/planted.h"
#include "core/engine/peer_record.h"

namespace bivouac::node {
namespace {

using engine::DeadlineId;
using engine::DeadlineKind;

constexpr std::uint16_t protocol_version = 1;
// 2^5 seconds are above the cap already: more attempts are not worth a write to the flash.
constexpr std::uint32_t attempts_counted_max = 6;
constexpr std::size_t closed_per_step_max = 64;

DeadlineId of(DeadlineKind kind, ConnectionId connection) { return {kind, connection.value}; }

}  // namespace

void Links::start(engine::Context& context, std::uint64_t entropy) {
  random_ = engine::Random(entropy);
  on_reload(context);
}

void Links::on_reload(engine::Context& context) {
  for (const auto& [connection, session] : sessions_) {
    if (context.configuration.neighbour(session->system_id) == nullptr) {
      condemn(connection, *session, Cause::identity_unknown);
    }
  }
  absl::erase_if(links_, [&](const auto& entry) {
    return !entry.second.up.is_set() && context.configuration.neighbour(entry.first) == nullptr;
  });
  // Dial deadlines name partners by their place, which a reload moves.
  const auto& partners = context.configuration.partners;
  for (std::size_t index = 0; index < limits::partners_max; ++index) {
    context.deadlines.clear({DeadlineKind::dial, index});
  }
  for (std::size_t index = 0; index < partners.size(); ++index) {
    if (!partners[index].via.empty()) continue;
    const auto [entry, added] = links_.try_emplace(partners[index].system_id);
    Link& link = entry->second;
    if (added) link.attempts = engine::find_peer(context, partners[index].system_id).dial_attempts;
    if (!link.up.is_set() && !link.dialling)
      dial_later(context, index, DurationMs{limits::dial_first_ms});
  }
}

void Links::stop() {
  stopping_ = true;
  for (const auto& [connection, session] : sessions_) condemn(connection, *session, Cause::none);
}

/// Nothing of the session is read any more; close_some closes its connection.
void Links::condemn(ConnectionId connection, Session& session, Cause cause) {
  if (!session.deframer) return;
  take_ready(connection);
  session.deframer.reset();
  condemned_.emplace_back(connection, cause);
}

void Links::close_some(engine::Context& context) {
  for (std::size_t i = 0; i < closed_per_step_max && !condemned_.empty(); ++i) {
    const auto [connection, cause] = condemned_.front();
    condemned_.pop_front();
    const Session* ending = session(connection);
    if (ending == nullptr) continue;
    if (cause != Cause::none && cause != Cause::superseded) {
      context.refused(ending->system_id, "connection", cause);
    }
    context.effects.close(connection, cause);
  }
}

void Links::dial_later(engine::Context& context, std::size_t partner_index, DurationMs at_most) {
  if (stopping_ || context.configuration.partners[partner_index].addresses.empty()) return;
  // Full jitter: gateways that lost their home together do not come back together.
  const DurationMs wait{random_.below(at_most.ms) + 1};
  context.deadlines.set({DeadlineKind::dial, partner_index}, context.now.mono + wait);
}

void Links::dial(engine::Context& context, std::size_t partner_index) {
  if (stopping_ || partner_index >= context.configuration.partners.size()) return;
  const engine::Partner& partner = context.configuration.partners[partner_index];
  Link& link = links_[partner.system_id];
  if (link.up.is_set() || link.dialling || partner.addresses.empty()) return;
  link.dialling = true;
  context.effects.dial(partner.system_id,
                       link.attempts % static_cast<std::uint32_t>(partner.addresses.size()));
}

void Links::on_dial_failed(engine::Context& context, const std::string& system_id) {
  const auto entry = links_.find(system_id);
  if (entry == links_.end()) return;
  Link& link = entry->second;
  link.dialling = false;
  ++link.attempts;
  if (link.attempts <= attempts_counted_max) keep_attempts(context, system_id, link.attempts);
  const auto& partners = context.configuration.partners;
  const engine::Partner* partner = context.configuration.neighbour(system_id);
  if (partner == nullptr || link.up.is_set()) return;
  const std::uint32_t doublings = std::min(link.attempts, attempts_counted_max);
  const std::int64_t span = std::min(limits::dial_first_ms << doublings, limits::dial_cap_ms);
  dial_later(context, static_cast<std::size_t>(partner - partners.data()), DurationMs{span});
}

void Links::keep_attempts(engine::Context& context, const std::string& system_id,
                          std::uint32_t attempts) {
  engine::PeerRecord peer = engine::find_peer(context, system_id);
  peer.dial_attempts = attempts;
  static_cast<void>(
      engine::put_peer(context, system_id, peer));  // without it the back-off starts anew
}

Cause Links::admit(const engine::Context& context, const std::string& identity) const {
  if (context.configuration.neighbour(identity) == nullptr) return Cause::identity_unknown;
  if (sessions_.size() >= limits::connections_max) return Cause::overloaded;
  // One partner does not take the places of all others.
  const auto its = std::ranges::count_if(sessions_, [&](const auto& entry) {
    return entry.second->deframer && entry.second->system_id == identity;
  });
  return static_cast<std::size_t>(its) < limits::sessions_per_partner_max ? Cause::none
                                                                          : Cause::overloaded;
}

void Links::on_peer_up(engine::Context& context, const engine::PeerUp& event) {
  if (event.dialled) {
    const auto entry = links_.find(event.identity);
    if (entry != links_.end()) entry->second.dialling = false;
  }
  const Cause cause = admit(context, event.identity);
  if (cause != Cause::none || stopping_) {
    if (cause != Cause::none) context.refused(event.identity, "connection", cause);
    context.effects.close(event.connection, cause);
    if (event.dialled && !stopping_) on_dial_failed(context, event.identity);
    return;
  }
  auto session = std::make_unique<Session>();
  session->system_id = event.identity;
  session->dialled = event.dialled;
  session->last_received = context.now.mono;
  session->deframer.emplace(large_frames_);
  sessions_.emplace(event.connection, std::move(session));
  context.deadlines.set(of(DeadlineKind::hello, event.connection),
                        context.now.mono + DurationMs{limits::hello_ms});
  context.effects.send(event.connection, wire::build_hello(context.self(), context.incarnation));
}

void Links::on_bytes(engine::Context& context, const engine::BytesIn& event) {
  const auto entry = sessions_.find(event.connection);
  if (entry == sessions_.end()) return;
  Session& session = *entry->second;
  session.last_received = context.now.mono;  // any byte is a sign of life
  if (!session.deframer) return;
  if (session.deframer->held_bytes() == 0) session.frame_since = context.now.mono;
  session.deframer->append(event.bytes);
  if (session.deframer->has_frame()) ready_.push_back(event.connection);
}

std::optional<Links::Waiting> Links::next_frame(engine::Context& context) {
  while (!ready_.empty()) {
    const ConnectionId connection = ready_.front();
    const auto entry = sessions_.find(connection);
    if (entry == sessions_.end()) {
      ready_.pop_front();
      continue;
    }
    const Result<wire::Frame> frame = entry->second->deframer->frame();
    if (frame) return Waiting{connection, *frame, entry->second->frame_since};
    close(context, connection, frame.error());
    return std::nullopt;
  }
  return std::nullopt;
}

void Links::consumed(ConnectionId connection) {
  const auto entry = sessions_.find(connection);
  if (entry == sessions_.end() || !entry->second->deframer) return;
  take_ready(connection);
  entry->second->deframer->next();
  entry->second->frame_since = entry->second->last_received;  // what is behind it came with it
  if (entry->second->deframer->has_frame()) ready_.push_back(connection);  // the others come first
}

void Links::take_ready(ConnectionId connection) {
  const auto found = std::ranges::find(ready_, connection);
  if (found != ready_.end()) ready_.erase(found);
}

Greeting Links::on_hello(engine::Context& context, ConnectionId connection,
                         const wire::fb::Hello& hello) {
  Session& session = *sessions_.at(connection);
  Cause cause = Cause::none;
  if (session.hello) cause = Cause::hello_repeated;
  if (hello.protocol_version() != protocol_version) cause = Cause::protocol_version;
  if (hello.system_id()->string_view() != session.system_id) cause = Cause::identity_mismatch;
  if (cause != Cause::none) {
    close(context, connection, cause);
    return {};
  }
  const auto greeting = greet(context, session.system_id, {hello.incarnation()}, unremembered_);
  if (!greeting) {
    close(context, connection, greeting.error());
    return {};
  }
  Link& link = links_[session.system_id];
  const bool read_on = is_planted(Planted::older_version_accepted);
  if (link.up.is_set() && !read_on)
    close(context, link.up, Cause::superseded);  // the newest counts
  session.hello = true;
  session.incarnation = {hello.incarnation()};
  session.frame_bytes_max = hello.frame_bytes_max();
  session.deframer->allow_large();
  link.up = connection;
  link.ever_up = true;
  link.attempts = 0;
  context.deadlines.clear(of(DeadlineKind::hello, connection));
  // Heartbeats overtake what waits for the disk, so the first one must not: our own Hello may.
  context.effects.send(connection,
                       wire::build_heartbeat(static_cast<std::uint64_t>(context.now.mono.ms), 0));
  context.deadlines.set(of(DeadlineKind::heartbeat, connection),
                        context.now.mono + DurationMs{limits::heartbeat_ms});
  context.deadlines.set(of(DeadlineKind::silence, connection),
                        context.now.mono + DurationMs{limits::peer_dead_ms});
  context.effects.note(
      {NoteKind::link_up, {}, session.system_id, {}, Cause::none, session.incarnation.value});
  return *greeting;
}

std::optional<Greeting> Links::remember_next(engine::Context& context) {
  if (!unremembered_ || context.space_low) return std::nullopt;
  for (const auto& [system_id, link] : links_) {
    const Session* greeted = session(link.up);
    if (greeted == nullptr || !greeted->deframer ||
        engine::find_peer(context, system_id).incarnation == greeted->incarnation)
      continue;
    const auto greeting = greet(context, system_id, greeted->incarnation, unremembered_);
    if (greeting) return *greeting;
    close(context, link.up, greeting.error());
    return Greeting{};
  }
  unremembered_ = false;
  return std::nullopt;
}

void Links::on_heartbeat(engine::Context& context, ConnectionId connection,
                         const wire::fb::Heartbeat& heartbeat) {
  Session& session = *sessions_.at(connection);
  if (heartbeat.sent_ms() != 0) {
    context.effects.send_now(connection, wire::build_heartbeat(0, heartbeat.sent_ms()));
  }
  const auto echo = static_cast<std::int64_t>(heartbeat.echo_ms());
  if (echo > 0 && echo <= context.now.mono.ms) session.round_trip_ms = context.now.mono.ms - echo;
}

void Links::on_deadline(engine::Context& context, DeadlineId id) {
  const ConnectionId connection{static_cast<std::uint32_t>(id.number)};
  if (id.kind == DeadlineKind::dial) return dial(context, static_cast<std::size_t>(id.number));
  const auto entry = sessions_.find(connection);
  if (entry == sessions_.end() || !entry->second->deframer) return;  // it ends already
  if (id.kind == DeadlineKind::hello) return close(context, connection, Cause::hello_late);
  if (id.kind == DeadlineKind::heartbeat) {
    context.effects.send_now(
        connection, wire::build_heartbeat(static_cast<std::uint64_t>(context.now.mono.ms), 0));
    context.deadlines.set(id, context.now.mono + DurationMs{limits::heartbeat_ms});
    return;
  }
  const MonoMs dead = entry->second->last_received + DurationMs{limits::peer_dead_ms};
  if (dead <= context.now.mono) return close(context, connection, Cause::silent);
  context.deadlines.set(id, dead);
}

void Links::close(engine::Context& context, ConnectionId connection, Cause cause) {
  const auto entry = sessions_.find(connection);
  // The session is forgotten with PeerDown; until then nothing of it is read any more.
  if (entry == sessions_.end() || !entry->second->deframer) return;
  if (cause != Cause::superseded) context.refused(entry->second->system_id, "connection", cause);
  context.effects.close(connection, cause);
  take_ready(connection);
  entry->second->deframer.reset();
}

std::string Links::on_peer_down(engine::Context& context, ConnectionId connection) {
  const auto entry = sessions_.find(connection);
  if (entry == sessions_.end()) return {};
  const std::string system_id = entry->second->system_id;
  const MonoMs last_received = entry->second->last_received;
  const bool dialled = entry->second->dialled;
  take_ready(connection);
  sessions_.erase(entry);
  for (const DeadlineKind kind :
       {DeadlineKind::hello, DeadlineKind::heartbeat, DeadlineKind::silence}) {
    context.deadlines.clear(of(kind, connection));
  }
  const auto found = links_.find(system_id);
  if (found == links_.end()) return {};
  Link& link = found->second;
  const engine::Partner* partner = context.configuration.neighbour(system_id);
  if (link.up != connection) {
    // A connection that ended before its Hello is a dial that came to nothing.
    if (dialled && !link.up.is_set() && partner != nullptr) on_dial_failed(context, system_id);
    return {};
  }
  link.up = {};
  link.last_contact = last_received;
  context.effects.note({NoteKind::link_down, {}, system_id, {}, Cause::unreachable, 0});
  if (partner == nullptr) {
    links_.erase(found);
  } else {
    dial_later(context, static_cast<std::size_t>(partner - context.configuration.partners.data()),
               DurationMs{limits::dial_first_ms});
  }
  return system_id;
}

void Links::forward(engine::Context& context, ConnectionId to, Bytes frame) {
  Session& session = *sessions_.at(to);
  ++session.forwarded_frames;
  session.forwarded_bytes += frame.size();
  // Which of them were bulk where they came from cannot be seen: the long ones are.
  const bool is_short = frame.size() <= limits::connection_buffer_bytes;
  const auto priority = is_short ? engine::Priority::control : engine::Priority::bulk;
  context.effects.forward(to, std::make_shared<const Bytes>(std::move(frame)), priority);
}

void Links::on_left(const engine::Left& event) {
  const auto entry = sessions_.find(event.connection);
  if (entry == sessions_.end()) return;
  Session& session = *entry->second;
  session.forwarded_frames -= std::min(session.forwarded_frames, event.frames);
  session.forwarded_bytes -= std::min(session.forwarded_bytes, event.bytes);
}

const Session* Links::session(ConnectionId connection) const {
  const auto entry = sessions_.find(connection);
  return entry == sessions_.end() ? nullptr : entry->second.get();
}

const Link* Links::link(std::string_view system_id) const {
  const auto entry = links_.find(system_id);
  return entry == links_.end() ? nullptr : &entry->second;
}

ConnectionId Links::connection_to(std::string_view system_id) const {
  const Link* found = link(system_id);
  return found == nullptr ? ConnectionId{} : found->up;
}

const Session* Links::session_with(std::string_view system_id) const {
  return session(connection_to(system_id));
}

std::size_t Links::count_up() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(links_, [](const auto& entry) { return entry.second.up.is_set(); }));
}

}  // namespace bivouac::node
