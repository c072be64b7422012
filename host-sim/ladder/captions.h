// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host-sim/trace/trace.h"

// The words of a ladder diagram.

namespace bivouac::sim::ladder {

/// Which clauses and groups a trace is about: what is the same everywhere is said once.
struct Subjects {
  std::set<std::string> clauses;
  std::set<std::string> groups;
};
Subjects subjects_of(const std::vector<const TraceEvent*>& events);

/// "Group configuration request" of "GroupConfigurationRequest".
std::string spaced(std::string_view camel_case);
/// Step number and what it is.
std::string label_of(const TraceEvent& event);
/// What the second, smaller line says.
std::string detail_of(const TraceEvent& event, const Subjects& subjects);
/// Lines in the box on top of a lifeline.
std::vector<std::string> title_of(const TraceSystem& system, Entity entity, bool stands_for_all);
/// One line about the whole.
std::string subtitle_of(const Subjects& subjects);
/// Of an MC service, as it is written.
std::string_view service_name(Entity mc_service_server);

}  // namespace bivouac::sim::ladder
