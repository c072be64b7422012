// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "core/client/mc_service_client.h"
#include "core/driver/group_commit.h"
#include "core/engine/configuration.h"
#include "core/node/gateway.h"
#include "core/store/table.h"
#include "host-sim/world/disk.h"
#include "host-sim/world/observer.h"
#include "host-sim/world/schedule.h"

namespace bivouac::sim {

class World;

/// Operators' connections have numbers that no peer's connection reaches.
inline constexpr std::uint32_t first_request = 0x8000'0000;

/// 2025-10-09: the wall clock of a world at its beginning, in milliseconds.
inline constexpr std::int64_t wall_at_beginning_ms = 1'760'000'000'000;

/// The wall clock of a system's box.
struct Clock {
  bool is_present = true;  // false: it starts at 1970 and is not trusted
  std::int64_t ahead_ms = 0;
};

/// A crash in the middle of a chosen commit.
struct CrashPlan {
  std::string system_id;
  std::uint64_t commit = 0;  // the n-th that the system begins, from 1
  bool batch_survives = false;
  Down how = Down::power_cut;
  DurationMs restart_after{2000};
};

/// One MC system: the gateway and the group commit that ship, behind ports to a simulated disk and
/// network. Made by World, which does to it what happens to boxes. Or one MC service client: the
/// one that ships, with a network and without a disk.
class System final : public driver::Transaction, public driver::Outbox, public driver::Alarm {
 public:
  System(World& world, std::uint32_t number, engine::Configuration configuration);
  System(World& world, std::uint32_t number, client::McServiceClient::Options options);
  ~System();

  std::uint32_t number() const { return number_; }
  const std::string& id() const { return configuration_->system_id; }
  /// What its certificate names: a system, or the user of a client.
  const std::string& identity() const {
    return is_client() ? client_options_->mc_service_id : id();
  }
  const engine::Configuration& configuration() const { return *configuration_; }
  bool is_up() const { return gateway_ != nullptr || client_.has_value(); }
  bool is_client() const { return client_options_.has_value(); }
  /// Of a client that is up.
  client::McServiceClient& client() { return *client_; }
  const client::McServiceClient& client() const { return *client_; }
  const client::McServiceClient::Options& client_options() const { return *client_options_; }
  /// What its user wants of a client that is up.
  template <class Wish>
  void wish(const Wish& wish) {
    engine::Effects effects;
    remember_fate(4);
    wish(*client_, local_time(), effects);
    apply(effects);
  }
  bool is_stopping() const { return is_stopping_; }
  /// Nothing staged, nothing under way.
  bool is_idle() const { return group_commit_->is_idle(); }
  bool may_accept() const { return is_client() || group_commit_->may_accept(); }
  /// How often it was started.
  std::uint32_t boots() const { return boots_; }
  /// Commits begun since the world began.
  std::uint64_t commits() const { return commits_; }
  const node::Gateway& gateway() const { return *gateway_; }
  /// What the core sees now; while it is down, what is durable.
  store::View view() const;
  /// What a restart would find.
  store::View durable() const { return store::View(disk_.table()); }
  const Disk& disk() const { return disk_; }
  Now local_time() const;
  /// Hash of all that was ever fed to it; equal histories have equal states, as the core is pure.
  std::uint64_t fingerprint() const { return history_; }

  // For World and Network.
  void event(const engine::Event& event);
  void set_configuration(engine::Configuration configuration);
  /// The direction is read again when may_accept().
  void hold(std::uint32_t direction) { held_.insert(direction); }
  bool is_waiting(RequestId id) const { return requests_.contains(id); }

 private:
  friend class World;
  void commit(Bytes batch) override;
  void release(const engine::Outgoing& outgoing) override;
  void note(const Note& note) override;
  void arm(MonoMs deadline) override;
  void stop() override;

  void boot(const engine::Boot& event);
  void apply(const engine::Effects& effects);
  void down();
  void remember(const engine::Event& event);
  void remember_fate(std::uint64_t of_batch);

  World& world_;
  std::uint32_t number_;
  std::shared_ptr<const engine::Configuration> configuration_;
  Disk disk_;
  Clock clock_;
  std::unique_ptr<store::Table> table_;
  std::unique_ptr<node::Gateway> gateway_;
  std::unique_ptr<driver::GroupCommit> group_commit_;
  std::optional<client::McServiceClient::Options> client_options_;
  std::optional<client::McServiceClient> client_;
  std::set<RequestId> requests_;  // not answered yet
  std::set<std::uint32_t> held_;  // directions that wait until may_accept()
  std::optional<Schedule::Key> tick_;
  std::optional<Schedule::Key> flush_;
  std::optional<Schedule::Key> commit_;
  MonoMs booted_;
  std::optional<CrashPlan> crash_under_way_;  // in the commit under way
  std::uint32_t boots_ = 0;
  std::uint64_t commits_ = 0;
  std::uint64_t history_ = 0;
  bool space_low_ = false;
  bool is_stopping_ = false;
  bool has_failed_ = false;
  bool has_valid_certificate_ = true;
  bool next_commit_fails_ = false;
};

}  // namespace bivouac::sim
