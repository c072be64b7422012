// SPDX-License-Identifier: Apache-2.0
#include "host-sim/trace/trace_recorder.h"

#include <algorithm>
#include <utility>

#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
namespace {

using Kind = TraceEvent::Kind;
using Fate = TraceEvent::Fate;

constexpr Entity gms = Entity::group_management_server;

std::string_view words(Down how) {
  switch (how) {
    case Down::stopped: return "stopped";
    case Down::killed: return "killed";
    case Down::power_cut: return "power cut";
  }
  return "";
}

std::string words(FaultKind kind) {
  if (kind == FaultKind::cut) return "link cut";
  if (kind == FaultKind::healed) return "link healed";
  if (kind == FaultKind::cut_in_frame) return "connection ends within a frame";
  std::string text(name(kind));
  std::ranges::replace(text, '_', ' ');
  return text;
}

/// "alpha" of "sip:alpha.example", "ben/phone" of "sip:ben@bravo.example/phone".
std::string first_label(std::string_view system_id) {
  if (const std::size_t slash = system_id.find('/'); slash != std::string_view::npos) {
    const std::string user = plain(system_id.substr(0, slash));
    return user.substr(0, user.find('@')) + std::string(system_id.substr(slash));
  }
  const std::string without_scheme = plain(system_id);
  return without_scheme.substr(0, without_scheme.find('.'));
}

}  // namespace

// ---- systems

void TraceRecorder::name_system(const System& system) {
  while (trace_.systems.size() <= system.number()) {
    const std::size_t number = trace_.systems.size();
    const std::size_t systems = world_.systems().size();
    const System& next =
        number < systems ? *world_.systems()[number] : *world_.clients()[number - systems];
    TraceSystem named{next.id(), first_label(next.id())};
    named.is_client = next.is_client();
    for (TraceSystem& other : trace_.systems) {
      if (other.name != named.name) continue;
      named.name = plain(named.id);
      other.name = plain(other.id);
    }
    trace_.systems.push_back(std::move(named));
  }
}

Actor TraceRecorder::actor_at(const System& system) {
  return {system.number(), system.is_client() ? Entity::client : gms};
}

/// The MC service server that others speak to is the first one there.
Actor TraceRecorder::end_of(const System& system, Entity entity) {
  if (system.is_client()) return {system.number(), Entity::client};
  const bool is_mcs = is_mc_service_server(entity);
  return {system.number(), is_mcs ? first_server(system.configuration().services) : gms};
}

/// Its own number when the world has no such system.
std::uint32_t TraceRecorder::number_of(std::string_view system_id, std::uint32_t otherwise) const {
  for (const auto& system : world_.systems()) {
    if (system->id() == system_id) return system->number();
  }
  return otherwise;
}

TraceEvent* TraceRecorder::add(Kind kind, const System& system, std::string_view name) {
  name_system(system);
  if (trace_.events.size() >= events_max_) {
    ++trace_.left_out;
    return nullptr;
  }
  TraceEvent& event = trace_.events.emplace_back();
  event.kind = kind;
  event.at = event.ended = world_.now();
  event.from = actor_at(system);
  event.name = name;
  return &event;
}

void TraceRecorder::on_started(const System& system) {
  const bool first = started_.insert(system.number()).second;
  add(Kind::started, system, first ? "started" : "restarted");
}

void TraceRecorder::on_down(const System& system, Down how) {
  runs_.erase(system.number());
  for (const Written& written : written_) {
    if (written.system != system.number()) continue;
    trace_.events[written.event].fate = Fate::lost;
    trace_.events[written.event].ended = world_.now();
  }
  std::erase_if(written_, [&](const Written& w) { return w.system == system.number(); });
  add(Kind::down, system, words(how));
}

void TraceRecorder::on_fault(FaultKind kind, const System& a, const System* b) {
  if (b != nullptr) name_system(*b);
  TraceEvent* event = add(Kind::fault, a, words(kind));
  if (event != nullptr && b != nullptr) event->to = actor_at(*b);
}

// ---- what is written

void TraceRecorder::await_commit(const System& system, TraceEvent& event) {
  event.fate = Fate::under_way;
  written_.push_back({last(), system.number(), system.commits()});
}

void TraceRecorder::on_durable(const System& system, std::span<const store::Mutation>) {
  // A commit that had begun before it was written is not the one that makes it durable.
  const auto is_durable = [&](const Written& written) {
    return written.system == system.number() && written.commits < system.commits();
  };
  for (const Written& written : written_) {
    if (!is_durable(written)) continue;
    trace_.events[written.event].fate = Fate::done;
    trace_.events[written.event].ended = world_.now();
  }
  std::erase_if(written_, is_durable);
}

// ---- messages

TraceEvent* TraceRecorder::add_message(const System& system, MessageFacts facts, Actor from,
                                       Actor to) {
  TraceEvent* event = add(Kind::message, system, facts.name);
  if (event == nullptr) return nullptr;
  event->from = from;
  event->to = to;
  event->group = std::move(facts.group);
  event->outcome = std::move(facts.outcome);
  event->cause = facts.cause;
  event->revision = facts.revision;
  event->detail = std::move(facts.detail);
  event->keeps_link = facts.keeps_link;
  return event;
}

void TraceRecorder::on_request(const System& system, RequestId id, ByteView frame) {
  MessageFacts facts = facts_of_operator_frame(frame);
  Entity to = gms;
  if (is_for_mc_service_server(facts.name)) {
    const auto service = service_to_fetch(frame);
    to = service ? server_of(*service) : first_server(system.configuration().services);
    runs_[system.number()].fetches[facts.group] = to;
  }
  requests_[id] = to;
  TraceEvent* event = add_message(system, std::move(facts),
                                  {system.number(), Entity::administrator}, {system.number(), to});
  if (event != nullptr && !system.is_up()) event->fate = Fate::lost;
}

void TraceRecorder::on_answer(const System& system, RequestId id, ByteView frame) {
  const auto asked = requests_.find(id);
  const Entity from = asked == requests_.end() ? gms : asked->second;
  if (asked != requests_.end()) requests_.erase(asked);
  add_message(system, facts_of_operator_frame(frame), {system.number(), from},
              {system.number(), Entity::administrator});
}

void TraceRecorder::on_sent(const Flight& flight) {
  name_system(*flight.to);
  const MessageFacts facts = facts_of_frame(*flight.frame);
  const MessageRow* ends = find_message(facts.name);
  TraceEvent* event =
      add_message(*flight.from, facts, end_of(*flight.from, ends == nullptr ? gms : ends->from),
                  end_of(*flight.to, ends == nullptr ? gms : ends->to));
  if (event == nullptr) return;
  event->fate = Fate::under_way;
  flights_[flight.number] = last();
  if (facts.name == "PresenceRequest") signs_of_life_.insert({facts.origin, facts.exchange});
  if (facts.name == "Refusal") {
    event->keeps_link = signs_of_life_.contains({facts.target, facts.exchange});
  }
  const std::uint32_t from = flight.from->number();
  const std::uint32_t origin = number_of(facts.origin, from);
  const std::uint32_t target = number_of(facts.target, flight.to->number());
  if (origin != from) {  // a proxy passes it on, or refuses something in the name of its target
    if (!facts.keeps_link) trace_.systems[from].is_proxy = true;
    if (facts.hops != 0) event->detail += event->detail.empty() ? "passed on" : ", passed on";
    return;
  }
  if (find_message(event->name) != nullptr) {
    const std::string& to = facts.target.empty() ? flight.to->identity() : facts.target;
    const auto reported = steps_.find({from, event->group, to, event->name});
    if (reported != steps_.end()) event->clause_step = reported->second;
  }
  note_role(event->name, origin, target);
}

void TraceRecorder::note_role(std::string_view message, std::uint32_t origin,
                              std::uint32_t target) {
  if (target >= world_.systems().size()) return;  // a client has no role of its own
  name_system(*world_.systems()[target]);
  TraceSystem& from = trace_.systems[origin];
  TraceSystem& to = trace_.systems[target];
  if (message == "GroupAffiliationRequest" || message == "GroupDeaffiliationRequest") {
    if (!std::exchange(users_home_is_primary_, true)) {
      for (TraceSystem& one : trace_.systems) one.is_primary = one.is_partner = false;
    }
    from.is_primary = to.is_partner = true;
  } else if (users_home_is_primary_) {
    return;
  } else if (message == "GroupConfigurationProvisionRequest") {
    from.is_primary = to.is_partner = true;
  } else if (message == "GroupConfigurationRequest") {
    from.is_partner = to.is_primary = true;
  }
}

void TraceRecorder::end(const Flight& flight, Fate fate) {
  const auto found = flights_.find(flight.number);
  if (found == flights_.end()) return;
  TraceEvent& event = trace_.events[found->second];
  flights_.erase(found);
  event.fate = fate;
  event.ended = world_.now();
}

void TraceRecorder::on_arrived(const Flight& flight) {
  if (const auto found = flights_.find(flight.number); found != flights_.end()) {
    const MessageRow* row = find_message(trace_.events[found->second].name);
    if (row != nullptr && row->reporter == Reporter::reader) {
      runs_[flight.to->number()].awaits_step = found->second;
      runs_[flight.to->number()].is_told = false;
    }
  }
  end(flight, Fate::done);
}
void TraceRecorder::on_lost(const Flight& flight) { end(flight, Fate::lost); }

}  // namespace bivouac::sim
