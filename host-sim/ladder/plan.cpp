// SPDX-License-Identifier: Apache-2.0
#include "host-sim/ladder/plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/service.h"
#include "host-sim/ladder/captions.h"
#include "host-sim/ladder/selection.h"

namespace bivouac::sim::ladder {
namespace {

using Events = std::vector<const TraceEvent*>;
using Kind = TraceEvent::Kind;

/// With more columns than this, the MC service servers of a system share one.
constexpr std::size_t columns_max = 6;

bool takes_part(const TraceEvent& event) {
  return event.kind == Kind::message || event.kind == Kind::step || event.kind == Kind::stored ||
         event.kind == Kind::removed;
}

std::set<Actor> actors_of(const Events& events) {
  std::set<Actor> actors;
  for (const TraceEvent* event : events) {
    if (!takes_part(*event)) continue;
    actors.insert(event->from);
    if (event->to) actors.insert(*event->to);
  }
  const std::set<Actor> found = actors;
  for (const Actor& actor : found) {  // where faults are drawn
    if (actor.entity == Entity::client) continue;
    actors.insert({actor.system, Entity::group_management_server});
  }
  return actors;
}

/// Primary MC systems to the left, as in the figures.
std::vector<std::uint32_t> systems_in_order(const Trace& trace, const std::set<Actor>& actors) {
  std::vector<std::uint32_t> systems;
  for (const Actor& actor : actors) {
    if (systems.empty() || systems.back() != actor.system) systems.push_back(actor.system);
  }
  std::ranges::stable_sort(systems, {}, [&](std::uint32_t system) {
    const TraceSystem& one = trace.systems[system];
    const bool is_between = one.is_proxy || (one.is_primary && one.is_partner);
    if (is_between) return 1;
    return one.is_primary ? 0 : 2;
  });
  return systems;
}

std::vector<Column> columns_of(const Trace& trace, const std::set<Actor>& actors, bool folded) {
  std::vector<Column> columns;
  bool is_first = true;
  for (const std::uint32_t system : systems_in_order(trace, actors)) {
    std::vector<Column> own;
    for (const Entity entity :
         {Entity::group_management_server, Entity::mcptt_server, Entity::mcvideo_server,
          Entity::mcdata_server, Entity::client, Entity::administrator}) {
      if (!actors.contains({system, entity})) continue;
      const bool is_server = is_mc_service_server(entity);
      const bool has_column = folded && is_server && is_mc_service_server(own.back().actor.entity);
      if (has_column) continue;
      const bool for_all = folded && is_server;
      own.push_back({{system, entity}, for_all, title_of(trace.systems[system], entity, for_all)});
    }
    // The group management servers of the first two systems face each other.
    if (std::exchange(is_first, false)) std::ranges::reverse(own);
    columns.insert(columns.end(), own.begin(), own.end());
  }
  return columns;
}

std::size_t find_column(const std::vector<Column>& columns, Actor actor) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Actor& other = columns[i].actor;
    if (other == actor) return i;
    const bool stands_for = columns[i].stands_for_all && other.system == actor.system &&
                            is_mc_service_server(actor.entity);
    if (stands_for) return i;
  }
  return columns.size();
}

Item::Kind kind_of(const TraceEvent& event) {
  switch (event.kind) {
    case Kind::message: return Item::Kind::arrow;
    case Kind::step:
    case Kind::stored:
    case Kind::removed: return Item::Kind::box;
    case Kind::started: return Item::Kind::up;
    case Kind::down: return Item::Kind::down;
    case Kind::link_up: return Item::Kind::link;
    case Kind::fault:
      if (!event.to) return Item::Kind::flag;
      if (event.name == "link cut" || event.name == "blocked") return Item::Kind::band_begins;
      if (event.name == "link healed" || event.name == "unblocked") return Item::Kind::band_ends;
      return Item::Kind::break_mark;
    case Kind::link_down:
    case Kind::refused:
    case Kind::remark: break;
  }
  return Item::Kind::flag;
}

/// Faults of a pair say who, when it is one way.
std::string label_in(const Trace& trace, const TraceEvent& event) {
  const bool one_way = event.name == "blocked" || event.name == "unblocked";
  if (event.kind == Kind::fault && one_way) {
    return trace.systems[event.from.system].name + " to " + trace.systems[event.to->system].name +
           ": " + event.name;
  }
  if (event.kind == Kind::link_down)
    return "Link to " + trace.systems[event.to->system].name + " down";
  if (event.kind == Kind::started || event.kind == Kind::down) {
    return trace.systems[event.from.system].name + ": " + event.name;
  }
  return label_of(event);
}

Item item_of(const Trace& trace, const TraceEvent& event, const Plan& plan,
             const Subjects& subjects) {
  Item item;
  item.kind = kind_of(event);
  item.at = event.at;
  item.ended = item.kind == Item::Kind::arrow ? event.ended : event.at;
  item.fate = event.fate;
  item.label = label_in(trace, event);
  item.detail = detail_of(event, subjects);
  const bool is_undone = item.kind == Item::Kind::box && event.fate == TraceEvent::Fate::lost;
  if (is_undone) item.detail += item.detail.empty() ? "undone" : ", undone";
  item.from = item.to = find_column(plan.columns, event.from);
  const bool has_two_ends = event.to && event.kind != Kind::link_down;
  if (has_two_ends) item.to = find_column(plan.columns, *event.to);
  if (item.kind != Item::Kind::arrow || item.from == plan.columns.size() ||
      item.to == plan.columns.size()) {
    return item;
  }
  for (const Actor& end : {event.from, *event.to}) {
    const bool is_one_of_all = plan.columns[find_column(plan.columns, end)].stands_for_all;
    if (!is_one_of_all) continue;
    item.services.emplace_back(service_name(end.entity));
  }
  return item;
}

bool are_alike(const Item& a, const Item& b) {
  return a.kind == b.kind && a.at == b.at && a.ended == b.ended && a.fate == b.fate &&
         a.from == b.from && a.to == b.to && a.label == b.label && a.detail == b.detail;
}

/// Equal messages to the MC service servers that share a column are one arrow, and so are remarks
/// that repeat themselves.
std::vector<Item> fold(std::vector<Item> items) {
  std::vector<Item> folded;
  for (Item& item : items) {
    const bool may_join = item.kind == Item::Kind::arrow || item.kind == Item::Kind::flag;
    if (!may_join || folded.empty() || !are_alike(folded.back(), item)) {
      folded.push_back(std::move(item));
      continue;
    }
    Item& one = folded.back();
    ++one.count;
    one.services.insert(one.services.end(), item.services.begin(), item.services.end());
  }
  for (Item& item : folded) {
    const auto add = [&](const std::string& more) {
      item.detail += (item.detail.empty() ? "" : ", ") + more;
    };
    if (item.count > 1) add("\u00d7" + std::to_string(item.count));
    if (item.services.size() == std::size(all_services)) continue;  // all of them
    for (const std::string& service : item.services) add(service);
  }
  return folded;
}

}  // namespace

Plan plan(const Trace& trace, const LadderOptions& options) {
  const Events events = selection(trace, options);
  const std::set<Actor> actors = actors_of(events);
  const Subjects subjects = subjects_of(events);
  Plan result;
  result.title = options.title;
  result.subtitle = subtitle_of(subjects);
  for (const TraceSystem& system : trace.systems) {
    result.system_names.push_back(system.name);
    result.frame_titles.push_back((system.is_client ? "Client " : "MC system ") + system.name);
  }
  result.columns = columns_of(trace, actors, actors.size() > columns_max);
  for (const TraceEvent* event : events) {
    Item item = item_of(trace, *event, result, subjects);
    const bool is_placed = item.from < result.columns.size() && item.to < result.columns.size();
    if (is_placed) result.items.push_back(std::move(item));
  }
  result.items = fold(std::move(result.items));
  std::uint64_t left_out = trace.left_out;
  if (result.items.size() > options.rows_max) {
    left_out += result.items.size() - options.rows_max;
    result.items.resize(options.rows_max);
  }
  if (left_out != 0) {
    result.left_out = "The first " + std::to_string(result.items.size()) + " of " +
                      std::to_string(result.items.size() + left_out) + " events are shown.";
  }
  return result;
}

}  // namespace bivouac::sim::ladder
