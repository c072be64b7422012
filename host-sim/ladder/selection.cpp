// SPDX-License-Identifier: Apache-2.0
#include "host-sim/ladder/selection.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace bivouac::sim::ladder {
namespace {

using Kind = TraceEvent::Kind;
using Pair = std::pair<std::uint32_t, std::uint32_t>;

/// A link that goes down so soon after a fault went down by it.
constexpr DurationMs by_fault{100};

Pair pair_of(const TraceEvent& event) { return std::minmax(event.from.system, event.to->system); }

/// What messages to or from each system say of why something failed.
using ToldCauses = std::set<std::pair<std::uint32_t, Cause>>;

ToldCauses told_causes(const Trace& trace) {
  ToldCauses told;
  for (const TraceEvent& event : trace.events) {
    if (event.kind != Kind::message || event.cause == Cause::none) continue;
    told.insert({event.from.system, event.cause});
    told.insert({event.to->system, event.cause});
  }
  return told;
}

/// Which links were down since they were last seen to be up.
class Links {
 public:
  /// True for the first end that has it again.
  bool is_back(const TraceEvent& link_up) {
    known_.insert(pair_of(link_up));
    return down_.erase(pair_of(link_up)) != 0;
  }
  void down(const TraceEvent& link_down) { down_.insert(pair_of(link_down)); }
  void system_down(std::uint32_t system) {
    for (const Pair& pair : known_) {
      if (pair.first == system || pair.second == system) down_.insert(pair);
    }
  }

 private:
  std::set<Pair> known_;
  std::set<Pair> down_;
};

/// Reads the events in order.
class Selector {
 public:
  Selector(const Trace& trace, const LadderOptions& options)
      : told_(told_causes(trace)), options_(options) {}

  bool is_shown(const TraceEvent& event) {
    switch (event.kind) {
      case Kind::message: return options_.show_links || !event.keeps_link;
      case Kind::step:
      case Kind::stored:
      case Kind::removed: return true;
      case Kind::refused:
      case Kind::remark: return !told_.contains({event.from.system, event.cause});
      case Kind::started: return event.name != "started";
      case Kind::fault: faults_[event.from.system] = event.at; return true;
      case Kind::down:
        faults_[event.from.system] = event.at;
        links_.system_down(event.from.system);
        return true;
      case Kind::link_up: return links_.is_back(event);
      case Kind::link_down: links_.down(event); return !is_by_fault(event);
    }
    return false;
  }

 private:
  bool is_by_fault(const TraceEvent& link_down) const {
    return std::ranges::any_of(
        std::array{link_down.from.system, link_down.to->system}, [&](std::uint32_t system) {
          const auto fault = faults_.find(system);
          return fault != faults_.end() && link_down.at <= fault->second + by_fault;
        });
  }

  ToldCauses told_;
  const LadderOptions& options_;
  Links links_;
  std::map<std::uint32_t, MonoMs> faults_;  // the last one of each system
};

}  // namespace

std::vector<const TraceEvent*> selection(const Trace& trace, const LadderOptions& options) {
  std::vector<const TraceEvent*> shown;
  Selector selector(trace, options);
  for (const TraceEvent& event : trace.events) {
    if (selector.is_shown(event)) shown.push_back(&event);
  }
  return shown;
}

}  // namespace bivouac::sim::ladder
