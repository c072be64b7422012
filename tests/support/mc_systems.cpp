// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mc_systems.h"

#include <algorithm>
#include <stdexcept>

namespace bivouac::test {

namespace {

std::pair<std::string, std::string> ordered(std::string_view a, std::string_view b) {
  return a < b ? std::pair{std::string(a), std::string(b)}
               : std::pair{std::string(b), std::string(a)};
}

}  // namespace

McSystem& McSystems::add(engine::Configuration configuration) {
  auto shared = std::make_shared<const engine::Configuration>(std::move(configuration));
  systems_.push_back(std::make_unique<McSystem>(*this, std::move(shared)));
  return *systems_.back();
}

McSystem& McSystems::at(std::string_view id) {
  for (const auto& system : systems_) {
    if (system->id() == id) return *system;
  }
  throw std::logic_error("no such MC system: " + std::string(id));
}

bool McSystems::is_cut(std::string_view a, std::string_view b) const {
  const auto found = cuts_.find(ordered(a, b));
  return found != cuts_.end() && found->second;
}

void McSystems::cut(std::string_view a, std::string_view b) {
  cuts_[ordered(a, b)] = true;
  for (Wire& wire : wires_) {
    if (!wire.open || wire.ends[0].system == nullptr || wire.ends[1].system == nullptr) continue;
    if (ordered(wire.ends[0].system->id(), wire.ends[1].system->id()) == ordered(a, b)) close(wire);
  }
  settle();
}

void McSystems::heal(std::string_view a, std::string_view b) { cuts_[ordered(a, b)] = false; }

void McSystems::cut_after(std::string_view a, std::string_view b, std::size_t bytes) {
  for (Wire& wire : wires_) {
    for (int i = 0; i < 2; ++i) {
      const End& to = wire.ends[i];
      const End& from = wire.ends[1 - i];
      if (!wire.open || to.system == nullptr || from.system == nullptr) continue;
      if (from.system->id() == a && to.system->id() == b) wire.cut_after[i] = bytes;
    }
  }
}

void McSystems::dial(McSystem& from, const std::string& to) {
  McSystem* target = nullptr;
  for (const auto& system : systems_) {
    if (system->id() == to && system->is_up()) target = system.get();
  }
  if (target == nullptr || is_cut(from.id(), to)) {
    failed_dials_.emplace_back(&from, to);
    return;
  }
  Wire wire;
  wire.ends[0] = {&from, {next_connection_++}, {}};
  wire.ends[1] = {target, {next_connection_++}, {}};
  wires_.push_back(std::move(wire));
  const Wire& made = wires_.back();
  const ConnectionId a = made.ends[0].connection;
  const ConnectionId b = made.ends[1].connection;
  pending_up_.push_back({&from, a, target->id(), true});
  pending_up_.push_back({target, b, from.id(), false});
}

McSystems::Wire* McSystems::find(ConnectionId connection) {
  for (Wire& wire : wires_) {
    if (wire.open &&
        (wire.ends[0].connection == connection || wire.ends[1].connection == connection)) {
      return &wire;
    }
  }
  return nullptr;
}

void McSystems::send(McSystem& from, const engine::Outgoing& outgoing) {
  Wire* wire = find(outgoing.connection);
  if (wire == nullptr) return;
  const Bytes& bytes = *outgoing.frame;
  const int to = wire->ends[0].connection == outgoing.connection ? 1 : 0;
  if (outgoing.tell) {
    pending_left_.push_back({&from, {outgoing.connection, 1, bytes.size()}});
  }
  wire->ends[to].incoming.insert(wire->ends[to].incoming.end(), bytes.begin(), bytes.end());
}

void McSystems::close(Wire& wire) {
  wire.open = false;
  for (End& end : wire.ends) {
    end.incoming.clear();
    if (end.system != nullptr) pending_down_.push_back({end.system, end.connection});
  }
}

void McSystems::drop_all(McSystem& system) {
  for (Wire& wire : wires_) {
    if (wire.open && (wire.ends[0].system == &system || wire.ends[1].system == &system))
      close(wire);
  }
}

ConnectionId McSystems::connect_raw(McSystem& to, std::string identity) {
  Wire wire;
  wire.ends[0] = {nullptr, {next_connection_++}, {}};
  wire.ends[1] = {&to, {next_connection_++}, {}};
  const ConnectionId mine = wire.ends[0].connection;
  const ConnectionId theirs = wire.ends[1].connection;
  wires_.push_back(std::move(wire));
  to.event(engine::PeerUp{theirs, std::move(identity), false});
  settle();
  return mine;
}

void McSystems::send_raw(ConnectionId connection, ByteView bytes) {
  if (Wire* wire = find(connection)) {
    wire->ends[1].incoming.insert(wire->ends[1].incoming.end(), bytes.begin(), bytes.end());
  }
  settle();
}

void McSystems::close_gently(Wire& wire) {
  for (End& end : wire.ends) {
    if (end.system != nullptr) continue;
    Bytes& received = raw_received_[end.connection];
    received.insert(received.end(), end.incoming.begin(), end.incoming.end());
    end.incoming.clear();
  }
  close(wire);
}

void McSystems::close_raw(ConnectionId connection) {
  if (Wire* wire = find(connection)) close(*wire);
  settle();
}

Bytes McSystems::received_raw(ConnectionId connection) {
  return std::exchange(raw_received_[connection], {});
}

bool McSystems::is_open(ConnectionId connection) const {
  return std::ranges::any_of(wires_, [&](const Wire& wire) {
    return wire.open &&
           (wire.ends[0].connection == connection || wire.ends[1].connection == connection);
  });
}

bool McSystems::deliver_once() {
  bool moved = false;
  for (std::size_t w = 0; w < wires_.size(); ++w) {
    for (int i = 0; i < 2; ++i) {
      Wire& wire = wires_[w];
      End& end = wire.ends[i];
      if (!wire.open || end.incoming.empty()) continue;
      std::size_t count = std::min(end.incoming.size(), limits::connection_buffer_bytes);
      if (wire.cut_after[i]) count = std::min(count, *wire.cut_after[i]);
      const Bytes chunk(end.incoming.begin(),
                        end.incoming.begin() + static_cast<std::ptrdiff_t>(count));
      end.incoming.erase(end.incoming.begin(),
                         end.incoming.begin() + static_cast<std::ptrdiff_t>(count));
      bytes_delivered += count;
      moved = true;
      const bool ends_here = wire.cut_after[i] && (*wire.cut_after[i] -= count) == 0;
      if (end.system == nullptr) {
        Bytes& received = raw_received_[end.connection];
        received.insert(received.end(), chunk.begin(), chunk.end());
      } else if (!chunk.empty()) {
        end.system->event(engine::BytesIn{end.connection, chunk});
      }
      if (ends_here && wires_[w].open) close(wires_[w]);
    }
  }
  return moved;
}

void McSystems::settle() {
  for (int turn = 0; turn < 1'000'000; ++turn) {
    bool moved = deliver_once();
    for (const Up& up : std::exchange(pending_up_, {})) {
      moved = true;
      if (is_open(up.connection))
        up.system->event(engine::PeerUp{up.connection, up.identity, up.dialled});
    }
    for (const auto& [system, connection] : std::exchange(pending_down_, {})) {
      moved = true;
      system->event(engine::PeerDown{connection});
    }
    if (!hold_forwarded) {
      for (const auto& [system, left] : std::exchange(pending_left_, {})) {
        moved = true;
        system->event(left);
      }
    }
    for (const auto& [system, to] : std::exchange(failed_dials_, {})) {
      moved = true;
      system->event(engine::DialFailed{to});
    }
    for (const auto& system : systems_) {
      if (!system->is_up()) continue;
      if (system->batch_ && !system->hold_commits) {
        moved = true;
        system->finish_commit(driver::GroupCommit::Outcome::committed);
      }
      if (system->is_up() && system->deadline_ <= now.mono) {
        moved = true;
        system->event(engine::Tick{});
      }
    }
    if (!moved) return;
  }
  throw std::logic_error("the MC systems do not come to rest");
}

void McSystems::pass(DurationMs duration) {
  const MonoMs end = now.mono + duration;
  settle();
  while (true) {
    MonoMs next = end;
    for (const auto& system : systems_) {
      if (system->is_up()) next = std::min(next, system->deadline_);
    }
    if (next < now.mono) next = now.mono;
    now.wall.ms += next.ms - now.mono.ms;
    now.mono = next;
    settle();
    if (now.mono >= end) return;
  }
}

engine::Configuration alpha_configuration() {
  engine::Configuration configuration;
  configuration.system_id = "sip:alpha.example";
  engine::Partner bravo;
  bravo.system_id = "sip:bravo.example";
  bravo.users = {"sip:*@bravo.example"};
  bravo.groups = {"sip:*@bravo.example"};
  bravo.rights = {{"sip:*@bravo.example"}, {"*"}, {"*"}, {}};
  configuration.partners = {bravo};
  return configuration;
}

engine::Configuration bravo_configuration() {
  engine::Configuration configuration;
  configuration.system_id = "sip:bravo.example";
  engine::Partner alpha;
  alpha.system_id = "sip:alpha.example";
  alpha.addresses = {"127.0.0.1:1"};
  alpha.users = {"sip:*@alpha.example"};
  alpha.groups = {"sip:*@alpha.example"};
  alpha.rights = {{"sip:*@alpha.example"}, {"*"}, {"*"}, {}};
  configuration.partners = {alpha};
  return configuration;
}

}  // namespace bivouac::test
