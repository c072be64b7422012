// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/configuration.h"
#include "core/engine/random.h"
#include "host-sim/world/network.h"
#include "host-sim/world/observer.h"
#include "host-sim/world/schedule.h"
#include "host-sim/world/system.h"

namespace bivouac::sim {

/// Some MC systems, the network between them, and one clock that jumps to whatever is next. One
/// seed decides everything: the same calls give the same events on every machine.
class World {
 public:
  explicit World(std::uint64_t seed);
  World(const World&) = delete;
  ~World();

  /// A system that is not started yet. Its connection addresses count only as present or not.
  System& add(engine::Configuration configuration);
  /// Null when there is none.
  System* find(std::string_view system_id);
  System& at(std::string_view system_id);
  System& at(std::uint32_t number) {
    return number < systems_.size() ? *systems_[number] : *clients_.at(number - systems_.size());
  }
  /// An MC service client that is not started yet; after all systems were added.
  System& add_client(client::McServiceClient::Options options);
  /// By its user and client id, as in "sip:ben@bravo.example/phone"; null when there is none.
  System* find_client(std::string_view name);
  const std::vector<std::unique_ptr<System>>& clients() const { return clients_; }
  std::size_t size() const { return systems_.size(); }
  const std::vector<std::unique_ptr<System>>& systems() const { return systems_; }
  Network& network() { return network_; }
  void observe(Observer& observer) { observers_.push_back(&observer); }

  // ---- time, counted from the beginning of the world
  MonoMs now() const { return now_; }
  /// The next thing that is pending; false when nothing ever is.
  bool run_next();
  /// Everything up to then; now() is then.
  void run_until(MonoMs time);
  void run_for(DurationMs duration) { run_until(now_ + duration); }
  /// Until a request is answered or lost, or so long.
  void run_until_answered(RequestId id, DurationMs at_most);
  const Schedule& schedule() const { return schedule_; }
  /// One pending thing out of its order: it comes late, or early. For exploration.
  void run(Schedule::Entries::const_iterator entry);
  std::uint64_t events() const { return events_; }

  // ---- what happens to systems
  void start(System& system);
  /// SIGTERM: nothing new is begun, what is staged becomes durable and leaves.
  void stop(System& system);
  /// The device of a client is switched off and on again; it keeps nothing.
  void restart_client(System& client);
  void crash(System& system, Down how, bool batch_survives);
  void crash_in_commit(CrashPlan plan) { crash_plan_ = std::move(plan); }
  void restart_after(System& system, DurationMs duration);
  /// Takes effect at once, or at the next start when it is down.
  void reload(System& system, engine::Configuration configuration);
  void lose_store(System& system);        // while it is down
  void lose_sealing_key(System& system);  // down only
  void damage_store(System& system);      // while it is down
  void set_disk(System& system, DiskConditions conditions);
  /// The process ends, as the firmware does; restart it.
  void fail_next_commit(System& system);
  void set_space_low(System& system, bool low);
  void jump_clock(System& system, std::int64_t by_ms);
  /// While it is down: it starts in 1970 and goes on from there until set_clock.
  void lose_clock(System& system);
  void set_clock(System& system);
  void expire_certificate(System& system);
  void renew_certificate(System& system);
  /// After a failed commit the process ends, and its supervisor starts it again.
  DurationMs supervisor_delay{1000};

  // ---- operators
  /// One operator.fbs frame with its header; answered through Observer::on_answer and answer().
  RequestId request(System& system, const Bytes& frame);
  /// Null while there is none, for ever when the system went down, and without keeps_answers.
  const Bytes* answer(RequestId id) const;

  // ---- for System and Network
  engine::Random& random() { return random_; }
  Schedule& pending() { return schedule_; }
  void answered(System& system, RequestId id, const Bytes& frame);
  void commit_begun(System& system);
  void store_failed(System& system);
  bool may_shake_hands(const System& a, const System& b) const;
  void accept_again(System& system);
  /// For System::fingerprint(); costs time.
  bool keeps_history = false;
  bool keeps_answers = true;
  template <class Call>
  void tell(const Call& call) {
    for (Observer* observer : observers_) call(*observer);
  }
  void fault(FaultKind kind, const System& a, const System* b = nullptr) {
    tell([&](Observer& o) { o.on_fault(kind, a, b); });
  }

 private:
  void run_pending(const Pending& what);
  void on_committed(System& system);
  void on_flush(System& system);
  void on_restart(System& system);
  void on_finish(System& system);
  void on_crash(System& system, bool batch_survives);
  void take_down(System& system, Down how, bool batch_survives);

  std::uint64_t seed_;
  engine::Random random_;
  Schedule schedule_;
  MonoMs now_;
  Network network_;
  std::vector<std::unique_ptr<System>> systems_;
  std::vector<std::unique_ptr<System>> clients_;  // numbered behind the systems
  std::vector<Observer*> observers_;
  std::map<RequestId, Bytes> answers_;
  std::optional<CrashPlan> crash_plan_;
  std::uint32_t next_request_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace bivouac::sim
