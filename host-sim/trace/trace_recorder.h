// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "host-sim/trace/messages.h"
#include "host-sim/trace/trace.h"
#include "host-sim/world/observer.h"

namespace bivouac::sim {

class World;

/// Writes the trace of a world that it observes. A message has the step that the core reported for
/// it: one that was not reported has none.
class TraceRecorder final : public Observer {
 public:
  explicit TraceRecorder(const World& world, std::size_t events_max = 100'000)
      : world_(world), events_max_(events_max) {}

  const Trace& trace() const { return trace_; }

  void on_started(const System& system) override;
  void on_down(const System& system, Down how) override;
  void on_durable(const System& system, std::span<const store::Mutation> batch) override;
  void on_request(const System& system, RequestId id, ByteView frame) override;
  void on_answer(const System& system, RequestId id, ByteView frame) override;
  void on_sent(const Flight& flight) override;
  void on_arrived(const Flight& flight) override;
  void on_lost(const Flight& flight) override;
  void on_note(const System& system, const Note& note) override;
  void on_fault(FaultKind kind, const System& a, const System* b) override;

 private:
  /// Of one system, since its start.
  struct Run {
    /// What group management servers were told to notify: clause step and service, in order.
    std::map<std::string, std::deque<std::pair<std::string, Entity>>> notices;  // by group
    std::map<std::string, Entity> fetches;      // by group: who asks for it
    std::map<std::uint64_t, Entity> exchanges;  // whose answers are to come
    std::optional<std::size_t> awaits_step;     // a message whose reader reports its step
    bool is_told = false;                       // its sender has reported one
    /// Steps that senders reported of messages within the system: by message and group.
    std::map<std::pair<std::string, std::string>, std::string> told;
  };
  /// What is written and not durable yet.
  struct Written {
    std::size_t event;
    std::uint32_t system;
    std::uint64_t commits;  // begun before it
  };

  /// Null when there is no room.
  TraceEvent* add(TraceEvent::Kind kind, const System& system, std::string_view name);
  TraceEvent* add_message(const System& system, MessageFacts facts, Actor from, Actor to);
  /// The last event.
  std::size_t last() const { return trace_.events.size() - 1; }
  void name_system(const System& system);
  /// Who does what is done at one end of the world.
  static Actor actor_at(const System& system);
  static Actor end_of(const System& system, Entity entity);
  std::uint32_t number_of(std::string_view system_id, std::uint32_t otherwise) const;
  void on_local_message(const System& system, const Note& note);
  Entity mc_service_server_of(Run& run, const System& system, const Note& note,
                              std::string& clause_step);
  void on_step(const System& system, const Note& note);
  void on_stored(const System& system, const Note& note);
  void note_role(std::string_view message, std::uint32_t origin, std::uint32_t target);
  void await_commit(const System& system, TraceEvent& event);
  void end(const Flight& flight, TraceEvent::Fate fate);

  const World& world_;
  std::size_t events_max_;
  Trace trace_;
  std::map<std::uint32_t, Run> runs_;
  std::set<std::uint32_t> started_;
  bool users_home_is_primary_ = false;  // in affiliation; else the group's home
  /// The clause steps that systems reported last: by system, group, partner and message.
  std::map<std::tuple<std::uint32_t, std::string, std::string, std::string>, std::string> steps_;
  std::set<std::pair<std::string, std::uint64_t>> signs_of_life_;  // asker and exchange
  std::map<std::uint64_t, std::size_t> flights_;
  std::map<RequestId, Entity> requests_;
  std::vector<Written> written_;
};

}  // namespace bivouac::sim
