// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/driver/group_commit.h"
#include "core/engine/configuration.h"

namespace bivouac::test {

class CrashWorld;

/// One gateway behind ports that can lose their power at any call: from that call on nothing leaves
/// and nothing becomes durable, however long the core goes on.
class CrashNode final : public driver::Transaction, public driver::Outbox, public driver::Alarm {
 public:
  CrashNode(CrashWorld& world, engine::Configuration configuration);

  void start();
  void event(const engine::Event& event);
  /// What a start would read now.
  store::Table recovered() const;
  const std::string& id() const { return configuration_->system_id; }

  // driver ports
  void commit(Bytes batch) override;
  void release(const engine::Outgoing& outgoing) override;
  void note(const Note&) override {}
  void arm(MonoMs deadline) override { deadline_ = deadline; }
  void stop() override {}

 private:
  friend class CrashWorld;
  CrashWorld& world_;
  std::shared_ptr<const engine::Configuration> configuration_;
  std::unique_ptr<store::Table> table_;
  std::unique_ptr<node::Gateway> gateway_;
  std::unique_ptr<driver::GroupCommit> group_commit_;
  std::vector<Bytes> durable_;
  std::optional<Bytes> under_way_;
  MonoMs deadline_ = MonoMs::never();
  bool is_dead_ = false;
};

/// Two such nodes and one link; the power of the node which makes port call number `crash_at` goes.
class CrashWorld {
 public:
  CrashWorld(engine::Configuration a, engine::Configuration b);

  std::uint64_t crash_at = 0;   // 0: never
  bool batch_survives = false;  // what was handed to the disk at the crash, or was under way
  std::uint64_t port_calls = 0;
  bool has_crashed = false;

  /// Lets time pass; ends commits, delivers bytes, restarts what crashed.
  void pass(DurationMs duration);
  /// An operator's request, repeated until it is answered.
  Bytes ask(CrashNode& node, const Bytes& frame);
  CrashNode& a() { return *nodes_[0]; }
  CrashNode& b() { return *nodes_[1]; }
  /// Sees each frame at the moment it leaves.
  std::function<void(CrashNode&, ConnectionId, const Bytes&)> on_leaving;

 private:
  friend class CrashNode;
  /// False: the power of this node is off, from this call on.
  bool meet_port_call(CrashNode& node);
  void settle();
  bool move_once();
  void restart(CrashNode& node);
  void drop_link();
  void dial(CrashNode& from);
  CrashNode& other(CrashNode& node) { return &node == nodes_[0].get() ? *nodes_[1] : *nodes_[0]; }

  std::unique_ptr<CrashNode> nodes_[2];
  ConnectionId link_[2];  // of each node's end; not set: no link
  std::deque<std::uint8_t> incoming_[2];
  std::vector<std::function<void()>> soon_;  // ups, downs and failed dials
  std::uint32_t next_connection_ = 1;
  ConnectionId operator_connection_;
  Bytes answer_;
  Now now_{{1000}, {1'760'000'000'000}};
};

}  // namespace bivouac::test
