// SPDX-License-Identifier: Apache-2.0
#include "core/node/presence.h"

#include <algorithm>

#include "core/engine/peer_record.h"

namespace bivouac::node {
namespace {

using engine::DeadlineKind;

/// Answers may take longer than the time between two signs of life.
constexpr std::size_t asked_max = limits::peer_dead_ms / limits::presence_ms;

std::size_t index_of(const engine::Context& context, std::string_view system_id) {
  const engine::Partner* partner = context.configuration.partner(system_id);
  return static_cast<std::size_t>(partner - context.configuration.partners.data());
}

}  // namespace

std::vector<std::string> Presence::on_reload(engine::Context& context, const Links& links) {
  std::vector<std::string> down;
  absl::erase_if(far_, [&](auto& entry) {
    auto& [system_id, far] = entry;
    const engine::Partner* partner = context.configuration.partner(system_id);
    if (partner != nullptr && partner->via == far.via) return false;
    if (fall(context, system_id, far, Cause::unreachable)) down.push_back(system_id);
    return true;
  });
  // Deadlines name partners by their place, which a reload moves.
  for (std::size_t index = 0; index < limits::partners_max; ++index) {
    context.deadlines.clear({DeadlineKind::presence, index});
  }
  for (const engine::Partner& partner : context.configuration.partners) {
    if (partner.via.empty()) continue;
    const auto [entry, added] = far_.try_emplace(partner.system_id);
    Far& far = entry->second;
    if (added) {
      far.via = partner.via;
      far.ask_at = links.connection_to(far.via).is_set() ? context.now.mono : MonoMs::never();
    }
    schedule(context, partner.system_id, far);
  }
  return down;
}

std::vector<std::string> Presence::on_proxy_up(engine::Context& context, std::string_view proxy) {
  std::vector<std::string> down = on_proxy_down(context, proxy);
  for (auto& [system_id, far] : far_) {
    if (far.via != proxy) continue;
    far.ask_at = context.now.mono;
    schedule(context, system_id, far);
  }
  return down;
}

std::vector<std::string> Presence::on_proxy_down(engine::Context& context, std::string_view proxy) {
  std::vector<std::string> down;
  for (auto& [system_id, far] : far_) {
    if (far.via != proxy) continue;
    if (fall(context, system_id, far, Cause::unreachable)) down.push_back(system_id);
    far.incarnation = {};
    far.asked.clear();
    far.ask_at = MonoMs::never();
    schedule(context, system_id, far);
  }
  return down;
}

Presence::Change Presence::on_deadline(engine::Context& context, std::size_t partner_index,
                                       const Links& links) {
  if (partner_index >= context.configuration.partners.size()) return {};
  const std::string& system_id = context.configuration.partners[partner_index].system_id;
  const auto entry = far_.find(system_id);
  if (entry == far_.end()) return {};
  Far& far = entry->second;
  Change change{system_id};
  const MonoMs dead = far.last_received + DurationMs{limits::peer_dead_ms};
  if (far.up && dead <= context.now.mono) {
    context.refused(system_id, "presence", Cause::silent);
    change.down = fall(context, system_id, far, Cause::silent);
  }
  const ConnectionId over = links.connection_to(far.via);
  if (far.ask_at <= context.now.mono && over.is_set()) ask(context, system_id, far, over);
  schedule(context, system_id, far);
  return change;
}

void Presence::ask(engine::Context& context, const std::string& system_id, Far& far,
                   ConnectionId over) {
  const ExchangeId id = context.exchanges.next_id();
  wire::Address address = context.request_to(system_id, id, DurationMs{limits::presence_ms});
  address.frame_bytes_max = limits::frame_bytes_max;
  Bytes frame = wire::build_presence_request(address, context.boots);
  // A slow card is no dead system; but the first one must not overtake our own Hello.
  if (far.incarnation.is_set()) {
    context.effects.send_now(over, std::move(frame));
  } else {
    context.effects.send(over, std::move(frame));
  }
  if (far.asked.size() == asked_max) far.asked.erase(far.asked.begin());
  far.asked.push_back({id, context.now.mono});
  far.ask_at = context.now.mono + DurationMs{limits::presence_ms};
}

void Presence::schedule(engine::Context& context, std::string_view system_id, const Far& far) {
  const engine::DeadlineId id{DeadlineKind::presence, index_of(context, system_id)};
  const MonoMs dead = far.last_received + DurationMs{limits::peer_dead_ms};
  const MonoMs next = far.up ? std::min(far.ask_at, dead) : far.ask_at;
  if (next == MonoMs::never()) {
    context.deadlines.clear(id);
  } else {
    context.deadlines.set(id, next);
  }
}

/// True when it was up.
bool Presence::fall(engine::Context& context, const std::string& system_id, Far& far, Cause cause) {
  far.why_down = cause;
  if (!far.up) return false;
  far.up = false;
  context.effects.note({NoteKind::link_down, {}, system_id, far.via, cause, 0});
  return true;
}

void Presence::heard(const engine::Context& context, std::string_view system_id) {
  const auto entry = far_.find(system_id);
  if (entry != far_.end()) entry->second.last_received = context.now.mono;
}

/// Who it is that speaks now; `down` when it is another life, or another run, of one that was up.
Presence::Change Presence::learn(engine::Context& context, const wire::fb::Envelope& envelope,
                                 std::uint32_t boots, Incarnation told, const Session& session) {
  Change change{envelope.origin()->str()};
  Far& far = far_.at(change.system_id);
  if (far.incarnation.is_set() && (far.incarnation != told || far.boots != boots)) {
    change.down = fall(context, change.system_id, far, Cause::superseded);
  }
  far.incarnation = told;
  far.boots = boots;
  // Each system on the way has lowered it to what the one before takes; so do we.
  far.frame_bytes_max = std::min<std::size_t>(envelope.frame_bytes_max(), session.frame_bytes_max);
  far.last_received = context.now.mono;
  return change;
}

Presence::Change Presence::on_request(engine::Context& context, const wire::fb::Envelope& envelope,
                                      const Links& links, ConnectionId connection) {
  const std::uint32_t boots = envelope.body_as_PresenceRequest()->boots();
  Change change =
      learn(context, envelope, boots, {envelope.origin_incarnation()}, *links.session(connection));
  wire::Address address = context.answer_to(envelope);
  address.frame_bytes_max = limits::frame_bytes_max;
  context.effects.send_now(connection, wire::build_presence_response(address, context.boots));
  Far& far = far_.at(change.system_id);
  if (!far.up) {
    // It is there: our own question need not wait, unless it was just asked.
    const MonoMs soonest = far.asked.empty()
                               ? context.now.mono
                               : far.asked.back().at + DurationMs{limits::presence_again_ms};
    far.ask_at = std::min(far.ask_at, std::max(soonest, context.now.mono));
  }
  schedule(context, change.system_id, far);
  return change;
}

Presence::Change Presence::on_response(engine::Context& context, const wire::fb::Envelope& envelope,
                                       const Session& session) {
  Far& far = far_.at(envelope.origin()->str());
  const auto asked =
      std::ranges::find(far.asked, ExchangeId{envelope.exchange()}, &Far::Asked::exchange);
  if (asked == far.asked.end()) {
    context.refused(envelope.origin()->string_view(), "presence", Cause::message_unexpected);
    return {};
  }
  far.round_trip_ms = (context.now.mono - asked->at).ms;
  far.asked.erase(far.asked.begin(), asked + 1);
  Change change = learn(context, envelope, envelope.body_as_PresenceResponse()->boots(),
                        {envelope.answerer_incarnation()}, session);
  if (!far.up) rise(context, far, change);
  schedule(context, change.system_id, far);
  return change;
}

void Presence::rise(engine::Context& context, Far& far, Change& change) {
  const auto greeting = greet(context, change.system_id, far.incarnation, unremembered_);
  if (!greeting) {
    far.why_down = greeting.error();
    return context.refused(change.system_id, "presence", greeting.error());
  }
  far.up = far.ever_up = true;
  change.up = true;
  change.greeting = *greeting;
  context.effects.note(
      {NoteKind::link_up, {}, change.system_id, far.via, Cause::none, far.incarnation.value});
}

bool Presence::is_asked(const wire::fb::Envelope& refusal) const {
  const Far* far = find(refusal.origin()->string_view());
  return far != nullptr &&
         std::ranges::contains(far->asked, ExchangeId{refusal.exchange()}, &Far::Asked::exchange);
}

Presence::Change Presence::on_refusal(engine::Context& context,
                                      const wire::fb::Envelope& envelope) {
  const auto entry = far_.find(envelope.origin()->string_view());
  if (entry == far_.end()) return {};
  auto& [system_id, far] = *entry;
  std::erase_if(far.asked, [&](const Far::Asked& asked) {
    return asked.exchange.value == envelope.exchange();
  });
  const Cause cause =
      engine::outcome(wire::fb::Result::failure, envelope.body_as_Refusal()->cause());
  context.refused(system_id, "presence", cause);
  Change change{system_id};
  // Trouble that passes by itself is no end: silence would be.
  if (!engine::is_passing(cause)) change.down = fall(context, system_id, far, cause);
  schedule(context, system_id, far);
  return change;
}

std::optional<Greeting> Presence::remember_next(engine::Context& context) {
  if (!unremembered_ || context.space_low) return std::nullopt;
  for (auto& [system_id, far] : far_) {
    if (!far.up || engine::find_peer(context, system_id).incarnation == far.incarnation) continue;
    const auto greeting = greet(context, system_id, far.incarnation, unremembered_);
    if (greeting) return *greeting;
    context.refused(system_id, "presence", greeting.error());
  }
  unremembered_ = false;
  return std::nullopt;
}

const Far* Presence::find(std::string_view system_id) const {
  const auto entry = far_.find(system_id);
  return entry == far_.end() ? nullptr : &entry->second;
}

bool Presence::is_up(std::string_view system_id) const {
  const Far* far = find(system_id);
  return far != nullptr && far->up;
}

std::size_t Presence::count_up() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(far_, [](const auto& entry) { return entry.second.up; }));
}

}  // namespace bivouac::node
