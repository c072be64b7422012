// SPDX-License-Identifier: Apache-2.0
#include "host-sim/trace/trace_recorder.h"

#include <algorithm>

#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
namespace {

using Kind = TraceEvent::Kind;
using Fate = TraceEvent::Fate;

constexpr Entity gms = Entity::group_management_server;

Entity server_of(Service service) {
  switch (service) {
    case Service::mcptt: return Entity::mcptt_server;
    case Service::mcvideo: return Entity::mcvideo_server;
    case Service::mcdata: return Entity::mcdata_server;
  }
  return Entity::mcptt_server;
}

/// The server of the first service there.
Entity first_server(const System& system) {
  for (const Service service : all_services) {
    if (system.configuration().services.has(service)) return server_of(service);
  }
  return Entity::mcptt_server;
}

Entity server_named(std::string_view service_name) {
  for (const Service service : all_services) {
    if (bivouac::name(service) == service_name) return server_of(service);
  }
  return Entity::mcptt_server;
}

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

/// "alpha" of "sip:alpha.example".
std::string first_label(std::string_view system_id) {
  const std::string without_scheme = plain(system_id);
  return without_scheme.substr(0, without_scheme.find('.'));
}

}  // namespace

// ---- systems

void TraceRecorder::name_system(const System& system) {
  while (trace_.systems.size() <= system.number()) {
    const System& next = *world_.systems()[trace_.systems.size()];
    TraceSystem named{next.id(), first_label(next.id())};
    for (TraceSystem& other : trace_.systems) {
      if (other.name != named.name) continue;
      named.name = plain(named.id);
      other.name = plain(other.id);
    }
    trace_.systems.push_back(std::move(named));
  }
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
  event.from = {system.number(), gms};
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
  if (event != nullptr && b != nullptr) event->to = Actor{b->number(), gms};
}

// ---- what is written

void TraceRecorder::await_commit(const System& system, TraceEvent& event) {
  event.fate = Fate::under_way;
  written_.push_back({last(), system.number(), system.commits()});
}

void TraceRecorder::on_durable(const System& system, ByteView) {
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

void TraceRecorder::on_stored(const System& system, const Note& note) {
  const bool removed = note.kind == NoteKind::group_removed;
  if (!removed && !trace_.events.empty()) {
    TraceEvent& before = trace_.events.back();
    const bool is_of_step = before.kind == Kind::step && before.group == note.subject &&
                            before.from.system == system.number() && before.at == world_.now();
    if (is_of_step) {
      before.revision = note.number;
      return;
    }
  }
  TraceEvent* event =
      add(removed ? Kind::removed : Kind::stored, system, removed ? "remove group" : "store group");
  if (event == nullptr) return;
  event->group = note.subject;
  event->revision = note.number;
  event->cause = note.cause;
  await_commit(system, *event);
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
    to = service ? server_of(*service) : first_server(system);
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
  TraceEvent* event = add_message(*flight.from, facts_of_frame(*flight.frame),
                                  {flight.from->number(), gms}, {flight.to->number(), gms});
  if (event == nullptr) return;
  event->fate = Fate::under_way;
  flights_[flight.number] = last();
  if (const MessageRow* row = find_message(event->name)) {
    for (const std::string_view step : row->steps) {
      const bool reported = steps_.contains(
          {flight.from->number(), event->group, flight.to->id(), std::string(step)});
      if (reported) event->clause_step = step;
    }
  }
  note_role(*event);
}

void TraceRecorder::note_role(const TraceEvent& message) {
  TraceSystem& from = trace_.systems[message.from.system];
  TraceSystem& to = trace_.systems[message.to->system];
  if (message.name == "GroupConfigurationProvisionRequest") {
    from.is_primary = to.is_partner = true;
  } else if (message.name == "GroupConfigurationRequest") {
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

void TraceRecorder::on_arrived(const Flight& flight) { end(flight, Fate::done); }
void TraceRecorder::on_lost(const Flight& flight) { end(flight, Fate::lost); }

// ---- what the core notes

/// The MC service server at one end of a message within a system.
Entity TraceRecorder::mc_service_server_of(Run& run, const System& system, const Note& note,
                                           std::string& clause_step) {
  if (note.subject == "NotifyGroupConfigurationRequest") {
    auto& notices = run.notices[note.object];
    if (notices.empty()) return first_server(system);
    clause_step = notices.front().first;
    const Entity server = notices.front().second;
    notices.pop_front();
    run.exchanges[note.number] = server;
    return server;
  }
  if (note.subject == "GetGroupConfigurationRequest") {
    const auto fetch = run.fetches.find(note.object);
    const Entity server = fetch == run.fetches.end() ? first_server(system) : fetch->second;
    run.exchanges[note.number] = server;
    return server;
  }
  const auto asked = run.exchanges.find(note.number);
  if (asked == run.exchanges.end()) return first_server(system);
  const Entity server = asked->second;
  run.exchanges.erase(asked);
  return server;
}

void TraceRecorder::on_local_message(const System& system, const Note& note) {
  Run& run = runs_[system.number()];
  run.awaits_step.reset();
  const MessageRow* row = find_message(note.subject);
  std::string clause_step;
  const Entity server = mc_service_server_of(run, system, note, clause_step);
  const auto end = [&](bool is_gms) { return Actor{system.number(), is_gms ? gms : server}; };
  MessageFacts facts;
  facts.name = note.subject;
  facts.group = note.object;
  facts.cause = note.cause;
  const bool from_gms = row == nullptr || row->from == gms;
  const bool to_gms = row != nullptr && row->to == gms;
  TraceEvent* event = add_message(system, std::move(facts), end(from_gms), end(to_gms));
  if (event == nullptr) return;
  event->clause_step = std::move(clause_step);
  if (row != nullptr && row->reporter == Reporter::reader) run.awaits_step = last();
}

void TraceRecorder::on_step(const System& system, const Note& note) {
  Run& run = runs_[system.number()];
  const std::string step(note.clause_step);
  if (run.awaits_step) {
    TraceEvent& message = trace_.events[*run.awaits_step];
    const bool is_it = message.group == note.subject && may_be(*find_message(message.name), step);
    if (is_it) {
      message.clause_step = step;
      run.awaits_step.reset();
      return;
    }
  }
  if (may_be(*find_message("NotifyGroupConfigurationRequest"), step)) {
    run.notices[note.subject].emplace_back(step, server_named(note.object));
    return;
  }
  if (is_step_of_message(step)) {
    steps_.insert({system.number(), note.subject, note.object, step});
    return;
  }
  TraceEvent* event = add(Kind::step, system, title_of_step(step));
  if (event == nullptr) return;
  event->clause_step = step;
  event->group = note.subject;
  await_commit(system, *event);
}

void TraceRecorder::on_note(const System& system, const Note& note) {
  switch (note.kind) {
    case NoteKind::message: return on_local_message(system, note);
    case NoteKind::step: return on_step(system, note);
    case NoteKind::group_stored:
    case NoteKind::group_removed: return on_stored(system, note);
    case NoteKind::link_up:
    case NoteKind::link_down: {
      const bool up = note.kind == NoteKind::link_up;
      TraceEvent* event =
          add(up ? Kind::link_up : Kind::link_down, system, up ? "link up" : "link down");
      if (event != nullptr) event->to = Actor{number_of(note.subject, system.number()), gms};
      return;
    }
    case NoteKind::refused:
    case NoteKind::right_missing:
    case NoteKind::resync: {
      const bool refused = note.kind == NoteKind::refused;
      std::string words(name(note.kind));
      std::ranges::replace(words, '_', ' ');
      TraceEvent* event = add(refused ? Kind::refused : Kind::remark, system, words);
      if (event == nullptr) return;
      event->detail = plain(note.subject);
      event->group = note.object;
      event->cause = note.cause;
      return;
    }
    // Told as what was done to the system.
    case NoteKind::started:
    case NoteKind::space_low:
    case NoteKind::space_recovered:
    case NoteKind::clock: return;
  }
}

}  // namespace bivouac::sim
