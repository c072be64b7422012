// SPDX-License-Identifier: Apache-2.0
// What becomes of the notes of the core: steps, messages between own servers, groups stored.
#include <algorithm>

#include "host-sim/trace/trace_recorder.h"
#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
namespace {

using Kind = TraceEvent::Kind;

constexpr Entity gms = Entity::group_management_server;

Entity server_named(std::string_view service_name) {
  for (const Service service : all_services) {
    if (bivouac::name(service) == service_name) return server_of(service);
  }
  return Entity::mcptt_server;
}

}  // namespace

/// The MC service server at one end of a message within a system.
Entity TraceRecorder::mc_service_server_of(Run& run, const System& system, const Note& note,
                                           std::string& clause_step) {
  if (note.subject == "NotifyGroupConfigurationRequest") {
    auto& notices = run.notices[note.object];
    if (notices.empty()) return first_server(system.configuration().services);
    clause_step = notices.front().first;
    const Entity server = notices.front().second;
    notices.pop_front();
    run.exchanges[note.number] = server;
    return server;
  }
  if (note.subject == "GetGroupConfigurationRequest") {
    const auto fetch = run.fetches.find(note.object);
    const Entity server =
        fetch == run.fetches.end() ? first_server(system.configuration().services) : fetch->second;
    run.exchanges[note.number] = server;
    return server;
  }
  const auto asked = run.exchanges.find(note.number);
  if (asked == run.exchanges.end()) return first_server(system.configuration().services);
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
  const auto told = run.told.find({note.subject, note.object});
  run.is_told = told != run.told.end();
  if (run.is_told) {
    clause_step = told->second;
    run.told.erase(told);
  }
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
      // The last one: an answer may be a step of what waited for it.
      if (!run.is_told) message.clause_step = step;
      return;
    }
  }
  if (may_be(*find_message("NotifyGroupConfigurationRequest"), step)) {
    run.notices[note.subject].emplace_back(step, server_named(note.object));
    return;
  }
  if (const MessageRow* row = message_of_step(step)) {
    run.told[{std::string(row->name), note.subject}] = step;
    steps_[{system.number(), note.subject, note.object, std::string(row->name)}] = step;
    return;
  }
  const StepRow row = find_step(step);
  TraceEvent* event = add(Kind::step, system, row.title);
  if (event == nullptr) return;
  event->clause_step = step;
  event->group = note.subject;
  if (is_mc_service_server(row.at))
    event->from.entity = first_server(system.configuration().services);
  if (row.writes) await_commit(system, *event);
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
  event->is_version = note.object == system.id();
  event->cause = note.cause;
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
    case NoteKind::keys_stored:
    case NoteKind::keys_expired: {
      const bool stored = note.kind == NoteKind::keys_stored;
      TraceEvent* event = add(Kind::remark, system, stored ? "keys stored" : "keys expired");
      if (event == nullptr) return;
      event->group = note.subject;
      event->detail = std::to_string(note.number);
      return;
    }
    case NoteKind::user_stored:
    case NoteKind::user_removed:
    case NoteKind::refused:
    case NoteKind::right_missing:
    case NoteKind::resync:
    case NoteKind::subscribed:
    case NoteKind::subscription_ended:
    case NoteKind::fresh:
    case NoteKind::stale: {
      const bool refused = note.kind == NoteKind::refused;
      std::string words(name(note.kind));
      std::ranges::replace(words, '_', ' ');
      TraceEvent* event = add(refused ? Kind::refused : Kind::remark, system, words);
      if (event == nullptr) return;
      const bool group_first = note.kind == NoteKind::fresh;
      event->detail = plain(group_first ? note.object : note.subject);
      event->group = group_first ? note.subject : note.object;
      event->cause = note.cause;
      return;
    }
    // Told as what was done to the system.
    case NoteKind::started:
    case NoteKind::client_on:  // the messages tell it
    case NoteKind::client_off:
    case NoteKind::affiliated:
    case NoteKind::affiliating:
    case NoteKind::deaffiliated:
    case NoteKind::deaffiliating:
    case NoteKind::space_low:
    case NoteKind::space_recovered:
    case NoteKind::clock: return;
  }
}

}  // namespace bivouac::sim
