// SPDX-License-Identifier: Apache-2.0
#include "host-sim/trace/transcript.h"

#include <algorithm>

namespace bivouac::sim {
namespace {

using Kind = TraceEvent::Kind;
using Fate = TraceEvent::Fate;

constexpr std::size_t time_width = 10;
constexpr std::size_t end_width = 18;  // "undone" and a time

std::string left(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string entity_of(const Trace& trace, Actor actor) {
  return trace.systems[actor.system].name + " " + std::string(name(actor.entity));
}

/// What became of it, when that is not what one expects.
std::string end_of(const TraceEvent& event) {
  const bool is_message = event.kind == Kind::message;
  const std::string_view word = is_message ? "lost" : "undone";
  switch (event.fate) {
    case Fate::under_way: return is_message ? "under way" : "not durable";
    case Fate::lost:
      return std::string(word) + right(seconds(event.ended), end_width - word.size());
    case Fate::done: break;
  }
  const bool took_time = is_message && event.ended != event.at;
  return took_time ? right(seconds(event.ended), end_width) : "";
}

std::string where(const Trace& trace, const TraceEvent& event) {
  const std::string& system = trace.systems[event.from.system].name;
  switch (event.kind) {
    case Kind::message: {
      const bool within = event.from.system == event.to->system;
      return entity_of(trace, event.from) + " > " +
             (within ? std::string(name(event.to->entity)) : entity_of(trace, *event.to));
    }
    case Kind::step:
    case Kind::stored:
    case Kind::removed: return entity_of(trace, event.from);
    case Kind::link_up:
    case Kind::link_down:
    case Kind::fault: {
      if (!event.to) return system;
      const bool one_way = event.name == "blocked" || event.name == "unblocked" ||
                           event.name == "connection ends within a frame";
      return system + (one_way ? " > " : " - ") + trace.systems[event.to->system].name;
    }
    case Kind::refused:
    case Kind::remark:
    case Kind::started:
    case Kind::down: return system;
  }
  return system;
}

std::string what(const TraceEvent& event) {
  std::string text = event.name;
  const auto add = [&](const std::string& more) {
    if (!more.empty()) text += " " + more;
  };
  if (event.kind == Kind::refused || event.kind == Kind::remark) add(event.detail);
  add(plain(event.group));
  if (event.revision != 0) {
    add((event.is_version ? "version " : "revision ") + std::to_string(event.revision));
  }
  if (event.kind == Kind::message) add(event.detail);
  add(event.outcome);
  if (event.cause != Cause::none) add(std::string(name(event.cause)));
  return text;
}

bool is_shown(const TraceEvent& event) { return !event.keeps_link; }

/// What the widest "where" of these systems takes, whatever happens between them.
std::size_t where_width(const Trace& trace) {
  std::size_t longest = 0;
  for (const TraceSystem& system : trace.systems) longest = std::max(longest, system.name.size());
  return longest + std::max(longest + 11, std::size_t{19}) + 2;
}

/// Steps of a figure are short; those of 10.1.2, which has none, are words.
std::size_t step_width(const Trace& trace) {
  std::size_t longest = 11;
  for (const TraceEvent& event : trace.events)
    longest = std::max(longest, event.clause_step.size());
  return longest + 1;
}

}  // namespace

std::string transcript(const Trace& trace) {
  const std::size_t width = where_width(trace);
  const std::size_t steps = step_width(trace);
  std::string text;
  for (const TraceEvent& event : trace.events) {
    if (!is_shown(event)) continue;
    text += right(seconds(event.at), time_width) + " " + left(end_of(event), end_width) + "  " +
            left(event.clause_step, steps) + left(where(trace, event), width) + what(event) + "\n";
  }
  if (trace.left_out != 0) {
    text += "and " + std::to_string(trace.left_out) + " events more\n";
  }
  return text;
}

}  // namespace bivouac::sim
