// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/cause.h"
#include "core/base/time.h"

// What happened in a world, for people: the transcript and the ladder diagram are made of it.

namespace bivouac::sim {

/// Who takes part in the procedures of one MC system.
enum class Entity : std::uint8_t {
  administrator,
  group_management_server,
  client,
  mcptt_server,
  mcvideo_server,
  mcdata_server,
};

/// One word, as in transcripts.
std::string_view name(Entity entity);
inline bool is_mc_service_server(Entity entity) { return entity >= Entity::mcptt_server; }

struct Actor {
  std::uint32_t system = 0;  // index in Trace::systems
  Entity entity = Entity::group_management_server;
  friend auto operator<=>(const Actor&, const Actor&) = default;
};

struct TraceEvent {
  enum class Kind : std::uint8_t {
    message,
    step,     // of a procedure, done by one entity alone
    stored,   // a group, outside the steps of a procedure
    removed,  // a group
    refused,
    remark,  // what else the core notes
    link_up,
    link_down,
    started,
    down,
    fault,
  };
  /// Of messages, and of what a system wrote.
  enum class Fate : std::uint8_t {
    under_way,  // not arrived, or not durable, when the trace ended
    done,
    lost,  // or undone by a crash before it was durable
  };
  Kind kind = Kind::remark;
  MonoMs at;
  Actor from;               // or where it happened
  std::optional<Actor> to;  // the other end of a message, a link or a fault
  std::string name;         // of a message: its table; otherwise what happened, in words
  std::string clause_step;  // as the core reported it, such as "10.2.7.2/3"
  std::string group;
  std::string outcome;  // of an answer, in one word
  Cause cause = Cause::none;
  std::uint64_t revision = 0;  // 0: none
  bool is_version = false;     // `revision` is the group's version, at its home
  std::string detail;
  bool keeps_link = false;  // Hello and Heartbeat
  Fate fate = Fate::done;
  MonoMs ended;  // when its fate was decided
};

struct TraceSystem {
  std::string id;
  std::string name;         // short, and different from all others
  bool is_client = false;   // an MC service client, no system
  bool is_primary = false;  // its groups were provided or asked for
  bool is_partner = false;  // groups of others were provided to it, or it asked for them
  bool is_proxy = false;    // it passed on what others say
};

struct Trace {
  std::vector<TraceSystem> systems;
  std::vector<TraceEvent> events;  // in the order of their beginning
  std::uint64_t left_out = 0;      // events after those, for want of room
};

/// Seconds with three decimals.
std::string seconds(MonoMs time);
/// A group as people say it: without "sip:".
std::string plain(std::string_view identity);

}  // namespace bivouac::sim
