// SPDX-License-Identifier: Apache-2.0
#include "host-sim/world/world.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/base/limits.h"

namespace bivouac::sim {
namespace {

/// How long a graceful stop waits for the disk, as the firmware does.
constexpr DurationMs drain_time{5'000};

}  // namespace

World::World(std::uint64_t seed)
    : seed_(seed), random_(seed), network_(*this, random_), next_request_(first_request) {}
World::~World() = default;

System& World::add(engine::Configuration configuration) {
  BIVOUAC_ASSERT(find(configuration.system_id) == nullptr && clients_.empty());
  const auto number = static_cast<std::uint32_t>(systems_.size());
  systems_.push_back(std::make_unique<System>(*this, number, std::move(configuration)));
  return *systems_.back();
}

System* World::find(std::string_view system_id) {
  for (const auto& system : systems_) {
    if (system->id() == system_id) return system.get();
  }
  return nullptr;
}

System& World::add_client(client::McServiceClient::Options options) {
  const auto number = static_cast<std::uint32_t>(systems_.size() + clients_.size());
  clients_.push_back(std::make_unique<System>(*this, number, std::move(options)));
  return *clients_.back();
}

System* World::find_client(std::string_view name) {
  for (const auto& client : clients_) {
    if (client->id() == name) return client.get();
  }
  return nullptr;
}

System& World::at(std::string_view system_id) {
  System* found = find(system_id);
  BIVOUAC_ASSERT(found != nullptr);
  return *found;
}

// ---- time

bool World::run_next() {
  if (schedule_.empty()) return false;
  run(schedule_.entries().begin());
  return true;
}

void World::run(Schedule::Entries::const_iterator entry) {
  now_ = std::max(now_, entry->first.at);
  ++events_;
  run_pending(schedule_.take(entry));
}

void World::run_until(MonoMs time) {
  while (schedule_.next_at() <= time) run_next();
  now_ = std::max(now_, time);
}

void World::run_until_answered(RequestId id, DurationMs at_most) {
  const MonoMs end = now_ + at_most;
  const auto waits = [&] {
    return std::ranges::any_of(systems_, [&](const auto& one) { return one->is_waiting(id); });
  };
  while (waits() && schedule_.next_at() <= end) run_next();
  if (waits()) now_ = end;
}

void World::run_pending(const Pending& what) {
  switch (what.kind) {
    case Pending::Kind::tick: {
      System& system = at(what.subject);
      system.tick_.reset();
      return system.event(engine::Tick{});
    }
    case Pending::Kind::flush: return on_flush(at(what.subject));
    case Pending::Kind::committed: return on_committed(at(what.subject));
    case Pending::Kind::crash: return on_crash(at(what.subject), what.detail != 0);
    case Pending::Kind::restart: return on_restart(at(what.subject));
    case Pending::Kind::finish:
      if (at(what.subject).boots() == what.detail) on_finish(at(what.subject));
      return;
    case Pending::Kind::hang_up: {
      System& system = at(what.detail);
      return system.event(engine::OperatorGone{{what.subject}});
    }
    case Pending::Kind::connect: return network_.on_connect(what.subject);
    case Pending::Kind::accept: return network_.on_accept(what.subject);
    case Pending::Kind::transmit: return network_.on_transmit(what.subject);
    case Pending::Kind::deliver: return network_.on_deliver(what.subject);
    case Pending::Kind::end: return network_.on_end(what.subject, what.detail);
  }
}

void World::on_flush(System& system) {
  system.flush_.reset();
  system.group_commit_->flush();
  const bool is_done = system.is_up() && system.is_stopping_ && system.is_idle();
  if (is_done) take_down(system, Down::stopped, false);
}

// ---- the disk

void World::commit_begun(System& system) {
  const MonoMs end = now_ + system.disk_.draw_sync(random_);
  const bool crashes = crash_plan_ && crash_plan_->system_id == system.id() &&
                       crash_plan_->commit == system.commits();
  const Pending what = crashes ? Pending{Pending::Kind::crash, system.number(),
                                         crash_plan_->batch_survives ? 1U : 0U}
                               : Pending{Pending::Kind::committed, system.number(), 0};
  if (crashes) system.crash_under_way_ = std::exchange(crash_plan_, {});
  system.commit_ = schedule_.add(end, what);
}

void World::on_committed(System& system) {
  system.commit_.reset();
  if (std::exchange(system.next_commit_fails_, false)) {
    fault(FaultKind::commit_failed, system);
    return system.group_commit_->on_committed(driver::GroupCommit::Outcome::failed);
  }
  const auto batch = system.disk_.finish();
  system.disk_.clear_salvaged();
  if (keeps_history) system.remember_fate(1);
  tell([&](Observer& o) { o.on_durable(system, batch); });
  system.group_commit_->on_committed(driver::GroupCommit::Outcome::committed);
  accept_again(system);
  // The end of this turn of its loop.
  if (!system.flush_) {
    system.flush_ = schedule_.add(now_, {Pending::Kind::flush, system.number(), 0});
  }
}

void World::accept_again(System& system) {
  if (!system.may_accept()) return;
  for (const std::uint32_t direction : std::exchange(system.held_, {})) {
    schedule_.add(now_, {Pending::Kind::deliver, direction, 0});
  }
}

/// Called from within group commit: the process ends when that has returned.
void World::store_failed(System& system) {
  system.has_failed_ = true;
  schedule_.add(now_, {Pending::Kind::finish, system.number(), system.boots()});
  restart_after(system, supervisor_delay);
}

void World::set_disk(System& system, DiskConditions conditions) {
  const bool slower = conditions.sync_max > system.disk_.conditions.sync_max;
  system.disk_.conditions = conditions;
  fault(slower ? FaultKind::disk_slow : FaultKind::disk_fast, system);
}

void World::fail_next_commit(System& system) { system.next_commit_fails_ = true; }

void World::lose_store(System& system) {
  BIVOUAC_ASSERT(!system.is_up());
  system.disk_.lose();
  fault(FaultKind::store_lost, system);
}

void World::lose_sealing_key(System& system) {
  BIVOUAC_ASSERT(!system.is_up());
  system.disk_.lose_sealing_key();
  fault(FaultKind::sealing_key_lost, system);
}

void World::damage_store(System& system) {
  BIVOUAC_ASSERT(!system.is_up());
  // Drawn apart, so that what is damaged does not hang on how much was drawn before.
  engine::Random own(seed_ + static_cast<std::uint64_t>(now_.ms) + system.number());
  if (system.disk_.damage(own)) fault(FaultKind::store_damaged, system);
}

void World::set_space_low(System& system, bool low) {
  if (std::exchange(system.space_low_, low) == low) return;
  fault(low ? FaultKind::space_low : FaultKind::space_back, system);
  system.event(engine::Space{low});
}

// ---- life

void World::start(System& system) {
  BIVOUAC_ASSERT(!system.is_up());
  engine::Boot boot;
  if (system.is_client()) {
    // Drawn apart, so that worlds with clients go as they go without.
    engine::Random own(seed_ + 1'000'003 * (system.number() + 1ULL) + system.boots());
    boot.entropy[0] = own.next();
    tell([&](Observer& o) { o.on_started(system); });
    return system.boot(boot);
  }
  boot.entropy[0] = random_.next();
  boot.entropy[1] = random_.next();
  boot.store_salvaged = system.disk_.is_salvaged();
  tell([&](Observer& o) { o.on_started(system); });
  system.boot(boot);
}

void World::on_restart(System& system) {
  if (!system.is_up()) start(system);
}

void World::on_crash(System& system, bool batch_survives) {
  const CrashPlan plan = *std::exchange(system.crash_under_way_, {});
  take_down(system, plan.how, batch_survives);
  restart_after(system, plan.restart_after);
}

void World::on_finish(System& system) {
  if (!system.is_up()) return;
  // Whether a batch whose commit failed is there after all, nobody knows.
  const bool batch_survives = !system.has_failed_ || random_.below(2) == 0;
  take_down(system, system.has_failed_ ? Down::killed : Down::stopped, batch_survives);
}

void World::restart_after(System& system, DurationMs duration) {
  schedule_.add(now_ + duration, {Pending::Kind::restart, system.number(), 0});
}

void World::stop(System& system) {
  if (!system.is_up() || system.is_stopping_) return;
  system.is_stopping_ = true;
  system.event(engine::Stop{});
  schedule_.add(now_ + drain_time, {Pending::Kind::finish, system.number(), system.boots()});
}

void World::restart_client(System& client) {
  if (client.is_up()) {
    client.down();
    tell([&](Observer& o) { o.on_down(client, Down::killed); });
    network_.drop_all(client, true);
  }
  start(client);
}

void World::crash(System& system, Down how, bool batch_survives) {
  if (system.is_up()) take_down(system, how, batch_survives);
}

void World::take_down(System& system, Down how, bool batch_survives) {
  const auto batch = system.disk_.crash(batch_survives);
  if (keeps_history) system.remember_fate(batch_survives ? 2 : 3);
  if (!batch.empty()) tell([&](Observer& o) { o.on_durable(system, batch); });
  system.down();
  tell([&](Observer& o) { o.on_down(system, how); });
  network_.drop_all(system, how != Down::power_cut);
}

void World::reload(System& system, engine::Configuration configuration) {
  BIVOUAC_ASSERT(configuration.system_id == system.id());
  system.set_configuration(std::move(configuration));
  fault(FaultKind::reloaded, system);
  system.event(engine::Reload{system.configuration_});
}

// ---- clocks and certificates

void World::jump_clock(System& system, std::int64_t by_ms) {
  system.clock_.ahead_ms += by_ms;
  fault(FaultKind::clock_jumped, system);
}

void World::lose_clock(System& system) {
  BIVOUAC_ASSERT(!system.is_up());
  system.clock_.is_present = false;
  fault(FaultKind::clock_lost, system);
}

void World::set_clock(System& system) {
  system.clock_ = {};
  fault(FaultKind::clock_set, system);
  system.event(engine::Clock{true});
}

void World::expire_certificate(System& system) {
  system.has_valid_certificate_ = false;
  fault(FaultKind::certificate_expired, system);
  network_.end_all(system);
}

void World::renew_certificate(System& system) {
  system.has_valid_certificate_ = true;
  fault(FaultKind::certificate_renewed, system);
}

bool World::may_shake_hands(const System& a, const System& b) const {
  return a.has_valid_certificate_ && b.has_valid_certificate_;
}

// ---- operators

RequestId World::request(System& system, const Bytes& frame) {
  const RequestId id{next_request_++};
  tell([&](Observer& o) { o.on_request(system, id, frame); });
  if (!system.is_up()) return id;
  system.requests_.insert(id);
  const Bytes body(frame.begin() + limits::frame_header_bytes, frame.end());
  system.event(engine::OperatorRequest{id, body, nullptr});
  return id;
}

const Bytes* World::answer(RequestId id) const {
  const auto found = answers_.find(id);
  return found == answers_.end() ? nullptr : &found->second;
}

void World::answered(System& system, RequestId id, const Bytes& frame) {
  tell([&](Observer& o) { o.on_answer(system, id, frame); });
  if (keeps_answers) answers_[id] = frame;
  schedule_.add(now_, {Pending::Kind::hang_up, id.value, system.number()});
}

}  // namespace bivouac::sim
