// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/cause.h"
#include "core/base/service.h"
#include "host-sim/trace/trace.h"

// What messages say, and between whom they go.

namespace bivouac::sim {

struct MessageFacts {
  std::string name;  // of its table
  std::string group;
  std::string outcome;
  Cause cause = Cause::none;
  std::uint64_t revision = 0;
  std::string detail;
  std::string origin;  // empty for what only neighbours say
  std::string target;
  std::uint64_t exchange = 0;
  std::uint8_t hops = 0;
  bool keeps_link = false;
};

/// A whole frame between two MC systems.
MessageFacts facts_of_frame(ByteView frame);
/// A whole frame between an operator and a system.
MessageFacts facts_of_operator_frame(ByteView frame);
/// The MC service server that an operator wants to fetch a group; none: the first one there.
std::optional<Service> service_to_fetch(ByteView operator_frame);
/// Its MC service server.
Entity server_of(Service service);
/// That of the first service of these.
Entity first_server(Services services);
/// Whom an operator's request is for.
bool is_for_mc_service_server(std::string_view message);

/// Who reports the step that a message is: its sender before it leaves, or its reader.
enum class Reporter : std::uint8_t { sender, reader };

struct MessageRow {
  std::string_view name;
  Entity from;  // mcptt_server stands for the MC service server that is meant
  Entity to;
  std::string_view steps[3];  // those that it can be
  Reporter reporter;
};
/// Null for messages between nobody's servers.
const MessageRow* find_message(std::string_view message);
bool may_be(const MessageRow& row, std::string_view clause_step);
/// Null for a step that no message is.
const MessageRow* message_of_step(std::string_view clause_step);
/// A step that no message is.
struct StepRow {
  std::string_view clause_step;
  std::string_view title;
  Entity at = Entity::group_management_server;  // mcptt_server stands for any MC service server
  bool writes = true;
};
/// One without a title when it is not known.
StepRow find_step(std::string_view clause_step);

}  // namespace bivouac::sim
