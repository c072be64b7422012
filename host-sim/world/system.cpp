// SPDX-License-Identifier: Apache-2.0
#include "host-sim/world/system.h"

#include <algorithm>

#include "core/base/hash.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
System::System(World& world, std::uint32_t number, engine::Configuration configuration)
    : world_(world),
      number_(number),
      configuration_(std::make_shared<const engine::Configuration>(std::move(configuration))) {}

/// Its name in this world is that of no system and of no other client.
System::System(World& world, std::uint32_t number, client::McServiceClient::Options options)
    : world_(world), number_(number), client_options_(std::move(options)) {
  engine::Configuration named;
  named.system_id = client_options_->mc_service_id + "/" + client_options_->client_id;
  configuration_ = std::make_shared<const engine::Configuration>(std::move(named));
}

System::~System() = default;

store::View System::view() const { return is_up() ? store::View(*table_) : durable(); }

Now System::local_time() const {
  const MonoMs mono{(world_.now() - booted_).ms + 1};
  if (!clock_.is_present) return {mono, {mono.ms}};
  return {mono, {wall_at_beginning_ms + world_.now().ms + clock_.ahead_ms}};
}

void System::set_configuration(engine::Configuration configuration) {
  configuration_ = std::make_shared<const engine::Configuration>(std::move(configuration));
}

void System::boot(const engine::Boot& event_of_boot) {
  if (is_client()) {
    client_.emplace(*client_options_, event_of_boot.entropy[0]);
    booted_ = world_.now();
    ++boots_;
    return event(event_of_boot);
  }
  table_ = std::make_unique<store::Table>(disk_.load());
  gateway_ = std::make_unique<node::Gateway>(configuration_);
  group_commit_ = std::make_unique<driver::GroupCommit>(*gateway_, *table_, *this, *this, *this);
  booted_ = world_.now();
  ++boots_;
  event(event_of_boot);
  if (clock_.is_present) event(engine::Clock{true});
  if (space_low_) event(engine::Space{true});
}

void System::down() {
  group_commit_.reset();
  gateway_.reset();
  client_.reset();
  table_.reset();
  requests_.clear();
  held_.clear();
  crash_under_way_.reset();
  for (auto* key : {&tick_, &flush_, &commit_}) {
    if (*key) world_.pending().remove(**key);
    key->reset();
  }
  is_stopping_ = has_failed_ = false;
}

void System::event(const engine::Event& event) {
  if (!is_up()) return;
  if (world_.keeps_history) remember(event);
  if (is_client()) {
    engine::Effects effects;
    client_->step(local_time(), event, effects);
    return apply(effects);
  }
  group_commit_->on_event(local_time(), event);
  // What else happens now belongs to the same turn of the loop, as on a real one.
  if (is_up() && !flush_) {
    flush_ = world_.pending().add(world_.now(), {Pending::Kind::flush, number_, 0});
  }
}

/// A client has nothing to make durable: what it wants to happen happens.
void System::apply(const engine::Effects& effects) {
  for (client::Report& report : client_->take_reports())
    world_.tell([&](Observer& o) { o.on_report(*this, report); });
  for (const engine::Outgoing& outgoing : effects.urgent()) release(outgoing);
  for (const engine::Outgoing& outgoing : effects.outgoing()) release(outgoing);
  arm(client_->next_deadline());
}

void System::commit(Bytes batch) {
  ++commits_;
  disk_.begin(batch);
  world_.commit_begun(*this);
}

void System::release(const engine::Outgoing& outgoing) {
  switch (outgoing.kind) {
    case engine::Outgoing::Kind::send:
      if (outgoing.connection.value >= first_request) {
        if (requests_.erase(outgoing.connection) != 0) {
          world_.answered(*this, outgoing.connection, *outgoing.frame);
        }
      } else {
        world_.network().send(*this, outgoing.connection, outgoing);
      }
      return;
    case engine::Outgoing::Kind::close: world_.network().close(*this, outgoing.connection); return;
    case engine::Outgoing::Kind::dial: world_.network().dial(*this, outgoing.system_id); return;
  }
}

void System::note(const Note& note) {
  world_.tell([&](Observer& o) { o.on_note(*this, note); });
}

void System::arm(MonoMs deadline) {
  std::optional<MonoMs> at;
  if (deadline != MonoMs::never()) {
    at = std::max(world_.now(), booted_ + DurationMs{deadline.ms - 1});
  }
  if (tick_ && at && tick_->at == *at) return;
  if (tick_) world_.pending().remove(*tick_);
  tick_.reset();
  if (at) tick_ = world_.pending().add(*at, {Pending::Kind::tick, number_, 0});
}

void System::stop() { world_.store_failed(*this); }

/// What became of a commit decides what follows as much as any event does.
void System::remember_fate(std::uint64_t of_batch) {
  history_ = (history_ ^ of_batch) * 0x9E3779B97F4A7C15U;
}

void System::remember(const engine::Event& event) {
  Bytes words;
  const auto add = [&](std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      words.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  };
  const Now now = local_time();
  add(history_);
  add(boots_);
  add(event.index());
  add(static_cast<std::uint64_t>(now.mono.ms));
  add(static_cast<std::uint64_t>(now.wall.ms));
  if (const auto* bytes = std::get_if<engine::BytesIn>(&event)) {
    add(bytes->connection.value);
    words.insert(words.end(), bytes->bytes.begin(), bytes->bytes.end());
  } else if (const auto* request = std::get_if<engine::OperatorRequest>(&event)) {
    add(request->connection.value);
    words.insert(words.end(), request->request.begin(), request->request.end());
  } else if (const auto* up = std::get_if<engine::PeerUp>(&event)) {
    add(up->connection.value);
  } else if (const auto* gone = std::get_if<engine::PeerDown>(&event)) {
    add(gone->connection.value);
  }
  if (const auto* left = std::get_if<engine::Left>(&event)) {
    add(left->connection.value);
    add(left->bytes);
  }
  history_ = siphash(3, 4, words);
}

}  // namespace bivouac::sim
