// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/driver/group_commit.h"
#include "core/engine/configuration.h"
#include "core/node/gateway.h"
#include "core/store/table.h"
#include "core/wire/operator_message.h"

namespace bivouac::test {

class McSystems;

/// One MC system in this process: the shipped gateway and group commit behind ports of memory. What
/// survives a crash is `durable`, and nothing else.
class McSystem final : public driver::Transaction, public driver::Outbox, public driver::Alarm {
 public:
  McSystem(McSystems& world, std::shared_ptr<const engine::Configuration> configuration);
  ~McSystem();

  const std::string& id() const { return configuration_->system_id; }
  bool is_up() const { return gateway_ != nullptr; }
  node::Gateway& gateway() { return *gateway_; }
  const store::Table& table() const { return *table_; }
  store::View view() const { return store::View(*table_); }

  void start();
  /// Power is gone: the batch under way is lost, unless `batch_survives`.
  void crash(bool batch_survives = false);
  /// A new, empty store; use while down.
  void lose_store() { durable.clear(); }
  void reload(engine::Configuration configuration);
  void event(const engine::Event& event);

  // Operator's requests. Run the world until the answer is there.
  Bytes ask(Bytes frame);
  wire::fb::OutcomeKind import(const GroupConfiguration& configuration);
  /// Cause of an OperationAnswer; none is done or queued.
  Cause last_cause = Cause::none;
  wire::fb::OutcomeKind remove(std::string_view group_id);
  wire::fb::OutcomeKind push(std::string_view group_id, std::string_view to = "");
  wire::fb::OutcomeKind fetch(std::string_view group_id, Services service = {});
  wire::fb::OutcomeKind subscribe(std::string_view group_id, std::uint32_t lease_s = 0);
  wire::fb::OutcomeKind unsubscribe(std::string_view group_id);

  /// Sorted as a message wants them.
  wire::fb::OutcomeKind import_keys(std::string_view group_id, std::vector<KeyEnvelope> envelopes);
  wire::fb::OutcomeKind remove_keys(std::string_view group_id, GmkId gmk = {});
  /// As they are stored.
  std::vector<KeyEnvelope> keys(std::string_view group_id) const;
  /// Whether these bytes are in any record.
  bool holds(ByteView bytes) const;

  wire::fb::OutcomeKind import_user(const UserProfile& profile);
  wire::fb::OutcomeKind remove_user(std::string_view mc_service_id);
  /// As `user show` gives it; none when the user is not served here.
  std::optional<UserProfile> user(std::string_view mc_service_id);

  /// The effective configuration as `group show` gives it; none when the group is not stored.
  std::optional<GroupConfiguration> effective(std::string_view group_id);
  std::optional<GroupConfiguration> original(std::string_view group_id);
  Services services_notified(std::string_view group_id);
  std::uint64_t refusals(Cause cause);

  /// Batches in the order of their commits.
  std::vector<Bytes> durable;
  std::vector<Note> notes;
  /// Clause steps of the notes so far, in order, for example "10.2.7.2/3".
  std::vector<std::string> steps() const;
  /// Commits end only when the test says so.
  bool hold_commits = false;
  void finish_commit(driver::GroupCommit::Outcome outcome);
  bool commit_under_way() const { return batch_.has_value(); }
  bool stopped = false;

 private:
  friend class McSystems;
  void commit(Bytes batch) override;
  void release(const engine::Outgoing& outgoing) override;
  void note(const Note& note) override { notes.push_back(note); }
  void arm(MonoMs deadline) override { deadline_ = deadline; }
  void stop() override { stopped = true; }
  wire::fb::OutcomeKind outcome_of(Bytes frame);

  McSystems& world_;
  std::shared_ptr<const engine::Configuration> configuration_;
  std::unique_ptr<store::Table> table_;
  std::unique_ptr<node::Gateway> gateway_;
  std::unique_ptr<driver::GroupCommit> group_commit_;
  std::optional<Bytes> batch_;
  MonoMs deadline_ = MonoMs::never();
  std::map<ConnectionId, Bytes> answers_;
};

/// Several MC systems, the network between them and one clock that jumps from deadline to deadline.
class McSystems {
 public:
  McSystem& add(engine::Configuration configuration);
  McSystem& at(std::string_view id);

  Now now{{1000}, {1'760'000'000'000}};
  /// Delivers bytes and ends commits until nothing moves at this instant.
  void settle();
  /// Lets time pass.
  void pass(DurationMs duration);

  /// Ends every connection between the two and lets no new one come up.
  void cut(std::string_view a, std::string_view b);
  void heal(std::string_view a, std::string_view b);
  /// The connection ends when so many more bytes went from `a` to `b`; the rest is lost.
  void cut_after(std::string_view a, std::string_view b, std::size_t bytes);
  /// Raw bytes from a connection that claims to be `identity`; the connection's answer bytes.
  ConnectionId connect_raw(McSystem& to, std::string identity);
  void send_raw(ConnectionId connection, ByteView bytes);
  void close_raw(ConnectionId connection);
  Bytes received_raw(ConnectionId connection);
  bool is_open(ConnectionId connection) const;
  std::uint64_t bytes_delivered = 0;
  /// What was forwarded waits to leave until the test says otherwise.
  bool hold_forwarded = false;
  /// Called before each port call of any system, to crash one in the middle.
  std::function<void(McSystem&, std::string_view port)> before_port_call;

 private:
  friend class McSystem;
  struct End {
    McSystem* system = nullptr;  // null: a raw connection of the test
    ConnectionId connection;
    std::deque<std::uint8_t> incoming;
  };
  struct Wire {
    End ends[2];
    bool open = true;
    std::optional<std::size_t> cut_after[2];  // bytes towards ends[i]
  };
  void dial(McSystem& from, const std::string& to);
  void send(McSystem& from, const engine::Outgoing& outgoing);
  void close(Wire& wire);
  /// What was sent to a raw end before still arrives there, as on a real one.
  void close_gently(Wire& wire);
  void drop_all(McSystem& system);
  bool deliver_once();
  bool is_cut(std::string_view a, std::string_view b) const;
  Wire* find(ConnectionId connection);

  std::vector<std::unique_ptr<McSystem>> systems_;
  std::deque<Wire> wires_;
  std::map<std::pair<std::string, std::string>, bool> cuts_;
  std::map<std::pair<std::string, std::string>, std::size_t> cut_after_;
  std::map<ConnectionId, Bytes> raw_received_;
  std::uint32_t next_connection_ = 1;
  struct Up {
    McSystem* system;
    ConnectionId connection;
    std::string identity;
    bool dialled;
  };
  std::vector<std::pair<McSystem*, std::string>> failed_dials_;
  std::vector<Up> pending_up_;
  std::vector<std::pair<McSystem*, ConnectionId>> pending_down_;
  std::vector<std::pair<McSystem*, engine::Left>> pending_left_;
};

/// Two partners that trust each other fully: sip:alpha.example, home of the groups
/// sip:*@alpha.example, and sip:bravo.example, the gateway, which dials.
engine::Configuration alpha_configuration();
engine::Configuration bravo_configuration();

}  // namespace bivouac::test
