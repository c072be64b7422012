// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/base/limits.h"
#include "host-sim/scenario/words.h"
#include "host-sim/soak/drawer.h"
#include "host-sim/soak/fault_maker.h"

namespace bivouac::sim {
namespace {

constexpr std::string_view all_names[] = {"alpha", "bravo", "charlie", "delta"};
/// Longer than every retry: a refused push is tried again after a quarter of an hour.
constexpr DurationMs time_to_converge{20 * 60'000};
/// Long enough for affiliations of clients that never come back to have ended.
constexpr DurationMs grace_and_more{limits::affiliation_grace_ms + 20 * 60'000};
/// What is scheduled to end by itself has ended by then.
constexpr std::int64_t faults_last_ms = 180'000;

}  // namespace

Statement& Drawer::declare(Verb verb, const std::string& system, const std::string& other) {
  Statement one;
  one.verb = verb;
  one.system = system;
  one.other = other;
  drawn_.scenario.declarations.push_back(std::move(one));
  return drawn_.scenario.declarations.back();
}

Statement& Drawer::work(std::int64_t at_ms, Verb verb, const std::string& system) {
  Statement one;
  one.verb = verb;
  one.when = {When::Kind::at, {at_ms}};
  one.system = system;
  drawn_.scenario.steps.push_back(std::move(one));
  return drawn_.scenario.steps.back();
}

void Drawer::draw_systems() {
  const auto count = static_cast<std::size_t>(between(2, one_in(3) ? 4 : 3));
  for (std::size_t i = 0; i < count; ++i) {
    systems_.emplace_back(all_names[i]);
    Statement& system = declare(Verb::system, systems_[i]);
    if (one_in(5)) system.settings.push_back({"services", some_services()});
  }
  boxes_ = systems_;
  for (std::size_t b = 1; b < count; ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      if (a + 1 != b && one_in(3)) continue;  // a chain at least
      links_.emplace_back(systems_[b], systems_[a]);
      draw_link(systems_[b], systems_[a], one_in(4));
    }
  }
  for (const auto& [a, b] : links_) {
    draw_rules(a, b);
    draw_rules(b, a);
  }
}

/// A link, or a way through one proxy or two.
void Drawer::draw_link(const std::string& dialling, const std::string& dialled, bool both) {
  if (!has_proxies_ || proxies_.below(3) == 0) {
    declare(both ? Verb::link_both : Verb::link, dialling, dialled);
    lines_.emplace_back(dialling, dialled);
    return;
  }
  std::vector<std::string> way{dialling};
  const std::int64_t count = 1 + proxies_.below(2);
  for (std::int64_t i = 0; i < count; ++i) {
    way.push_back("edge-" + std::to_string(boxes_.size()));
    boxes_.push_back(way.back());
    declare(Verb::proxy, way.back());
  }
  way.push_back(dialled);
  for (std::size_t i = 0; i + 1 < way.size(); ++i) {
    declare(both ? Verb::link_both : Verb::link, way[i], way[i + 1]);
    lines_.emplace_back(way[i], way[i + 1]);
  }
  way.pop_back();
  way.erase(way.begin());
  declare(Verb::route, dialling, dialled).word = join(way, ",");
}

void Drawer::draw_rules(const std::string& system, const std::string& other) {
  if (one_in(3)) declare(Verb::policy, system, other).settings = some_policy_settings();
  if (one_in(3)) declare(Verb::overlay, system, other).settings = some_overlay_settings();
}

void Drawer::draw_groups() {
  for (const std::string& home : systems_) {
    for (std::int64_t i = 1; i <= between(1, 3); ++i) {
      const std::string name = "fire-" + std::to_string(i) + "@" + home;
      groups_.emplace_back(name, home);
      Statement& group = declare(Verb::group, {});
      group.group = name;
      group.settings = some_group_settings();
    }
  }
}

std::string Drawer::some_services() {
  constexpr std::string_view choices[] = {"mcptt", "mcptt,mcdata", "mcvideo",
                                          "mcptt,mcvideo,mcdata"};
  return std::string(any(std::span(choices)));
}

std::string Drawer::some_members() {
  constexpr std::string_view people[] = {"ada", "ben", "cleo", "dan"};
  std::string list;
  for (const std::string& system : systems_) {
    for (const std::string_view person : people) {
      if (!one_in(3)) continue;
      list += (list.empty() ? "" : ",") + std::string(person) + "@" + system;
    }
  }
  if (one_in(12)) {
    // One draw a statement: within one, compilers choose their own order.
    const std::string count = std::to_string(between(20, 200));
    const std::string& home = any(systems_);
    list += (list.empty() ? "" : ",") + std::string("user[") + count + "]@" + home;
  }
  return list.empty() ? "none" : list;
}

std::vector<Setting> Drawer::some_group_settings() {
  std::vector<Setting> settings;
  settings.push_back({"group_priority", std::to_string(between(0, 255))});
  if (one_in(2)) settings.push_back({"members", some_members()});
  if (one_in(4)) settings.push_back({"services", some_services()});
  if (one_in(6)) settings.push_back({"disabled", one_in(2) ? "yes" : "no"});
  return settings;
}

std::vector<Setting> Drawer::some_policy_settings() {
  std::vector<Setting> settings;
  if (one_in(2)) settings.push_back({"hide_members_of_others", one_in(2) ? "yes" : "no"});
  if (one_in(3)) settings.push_back({"drop_services", one_in(2) ? some_services() : "none"});
  for (const std::string_view right : {"provide", "request", "receive"}) {
    if (!one_in(4)) continue;
    constexpr std::string_view patterns[] = {"*", "none", "fire-1@*", "*"};
    settings.push_back({std::string(right), std::string(any(std::span(patterns)))});
  }
  return settings;
}

std::vector<Setting> Drawer::some_overlay_settings() {
  std::vector<Setting> settings{{"groups", one_in(2) ? "*" : "fire-1@*"}};
  if (one_in(2)) settings.push_back({"group_priority", std::to_string(between(0, 255))});
  if (one_in(3)) settings.push_back({"alias", "Local " + std::to_string(between(1, 9))});
  if (one_in(4)) settings.push_back({"drop_services", some_services()});
  if (one_in(4)) settings.push_back({"permitted_area", "1/1,1/90,90/90"});
  return settings;
}

void Drawer::draw_request(std::int64_t at_ms) {
  const auto& [name, home] = any(groups_);
  const std::int64_t which = random_.below(100);
  ++drawn_.requests;
  if (which < 55) {
    Statement& import = work(at_ms, Verb::import, one_in(30) ? any(systems_) : home);
    import.group = name;
    import.settings = some_group_settings();
  } else if (which < 62) {
    work(at_ms, Verb::remove, home).group = name;
  } else if (which < 75) {
    Statement& push = work(at_ms, Verb::push, home);
    push.group = name;
    const std::string& to = any(systems_);
    if (one_in(2) && to != home) push.other = to;
  } else {
    work(at_ms, Verb::fetch, any(systems_)).group = name;
  }
}

void Drawer::draw_reload(std::int64_t at_ms) {
  auto [system, other] = any(links_);
  if (one_in(2)) std::swap(system, other);
  const std::int64_t which = random_.below(10);
  if (which < 5) {
    Statement& reload = work(at_ms, Verb::reload_policy, system);
    reload.other = other;
    reload.settings = some_policy_settings();
  } else if (which < 8) {
    Statement& reload = work(at_ms, Verb::reload_overlay, system);
    reload.other = other;
    reload.settings = some_overlay_settings();
  } else if (which < 9) {
    work(at_ms, Verb::reload_no_overlay, system).other = other;
  } else {
    work(at_ms, Verb::reload_without, system).other = other;
    work(at_ms + between(100, 60'000), Verb::reload_with, system).other = other;
  }
}

Setting Drawer::some_right_to_subscribe() {
  constexpr std::string_view patterns[] = {"*", "*", "fire-1@*", "none"};
  const auto which = static_cast<std::size_t>(subscriptions_.below(std::ssize(patterns)));
  return {"subscribe", std::string(patterns[which])};
}

/// Leases are short, so that whoever lost a subscription has it again before the end.
void Drawer::draw_subscriptions(std::int64_t active_ms) {
  const auto one_of = [&](const auto& list) -> const auto& {
    return list[static_cast<std::size_t>(subscriptions_.below(std::ssize(list)))];
  };
  std::vector<std::pair<std::string, std::string>> ways = links_;
  for (const auto& [a, b] : links_) ways.emplace_back(b, a);
  for (const auto& [system, other] : ways) {
    Statement& policy = declare(Verb::policy, system, other);
    policy.settings.push_back({"lease_s", std::to_string(60 + subscriptions_.below(540))});
    policy.settings.push_back(some_right_to_subscribe());
    if (subscriptions_.below(2) == 0) policy.settings.push_back({"subscribe_to", "*"});
    if (subscriptions_.below(4) == 0) {
      const std::int64_t interval_ms = subscriptions_.below(30'000);
      policy.settings.push_back({"notify_interval_ms", std::to_string(interval_ms)});
    }
  }
  const std::int64_t every_ms = 2'000 + subscriptions_.below(60'000);
  for (std::int64_t at = start_ms; at < active_ms; at += 1 + subscriptions_.below(2 * every_ms)) {
    const std::int64_t which = subscriptions_.below(10);
    if (which < 8) {
      const Verb verb = which < 6 ? Verb::subscribe : Verb::unsubscribe;
      const std::string& system = one_of(systems_);
      work(at, verb, system).group = one_of(groups_).first;
      continue;
    }
    const auto& [system, other] = one_of(ways);
    Statement& reload = work(at, Verb::reload_policy, system);
    reload.other = other;
    reload.settings = {some_right_to_subscribe()};
  }
}

/// A backhaul that is gone for days, with a little work at both ends; when it is back.
std::int64_t Drawer::draw_long_outage(std::int64_t from_ms) {
  constexpr std::int64_t day_ms = 86'400'000;
  constexpr std::int64_t work_every_ms = 2 * 3'600'000;
  const auto& [a, b] = lines_[static_cast<std::size_t>(outages_.below(std::ssize(lines_)))];
  const std::int64_t until_ms = from_ms + day_ms / 2 + outages_.below(3 * day_ms);
  work(from_ms, Verb::cut, a).other = b;
  for (std::int64_t at = from_ms + 1; at < until_ms; at += 1 + outages_.below(work_every_ms)) {
    draw_request(at);
    if (!clients_.empty()) draw_wish(at);
    if (!halls_.empty()) draw_affiliation_wish(at);
  }
  // What waits for the backhaul waits over a restart, or is forgotten by whom it waits for.
  const std::string& box = outages_.below(2) == 0 ? a : b;
  const std::int64_t down_ms = until_ms - 60'000 * (1 + outages_.below(60));
  Statement& down = work(down_ms, Verb::crash, box);
  down.how = Down::power_cut;
  down.batch_survives = outages_.below(2) == 0;
  if (outages_.below(4) == 0) work(down_ms + 5, Verb::lose_store, box);
  work(down_ms + 5'000, Verb::start, box);
  work(until_ms, Verb::heal, a).other = b;
  drawn_.options += ", an outage of days";
  return until_ms;
}

Drawn Drawer::draw(std::uint64_t seed) {
  draw_systems();
  draw_groups();
  const bool has_keys = keys_random_.below(2) == 0;
  if (has_keys) draw_keys();
  work(start_ms, Verb::start_all, {});
  draw_users();
  const bool affiliates = !clients_.empty() && affiliations_.below(4) != 0;
  if (affiliates) draw_halls();
  FaultMaker faults(random_, boxes_, lines_);
  const bool reloads = one_in(2);
  drawn_.options = "seed " + std::to_string(seed) + ": " + std::to_string(boxes_.size()) +
                   " systems, " + std::to_string(groups_.size()) + " groups, " +
                   (clients_.empty() ? "" : std::to_string(clients_.size()) + " clients, ") +
                   (reloads ? "reloads, " : "") + "faults: " + faults.enable_some();
  const std::int64_t fault_every_ms = between(2'000, 60'000);
  const auto request_every_ms = 1'000 / static_cast<std::int64_t>(systems_.size());
  const std::int64_t active_ms = between(5, 40) * 60'000;
  std::int64_t next_fault = start_ms + random_.below(2 * fault_every_ms);
  std::int64_t next_reload = start_ms + between(1'000, 60'000);
  // One request for each node and second, on the average.
  for (std::int64_t at = start_ms; at < active_ms; at += 1 + random_.below(2 * request_every_ms)) {
    draw_request(at);
    if (!clients_.empty() && users_random_.below(4) == 0) draw_wish(at);
    if (has_keys && keys_random_.below(6) == 0) draw_key_work(at);
    for (; next_fault <= at; next_fault += 1 + random_.below(2 * fault_every_ms)) {
      faults.add(next_fault, drawn_.scenario.steps);
    }
    for (; reloads && next_reload <= at; next_reload += between(1'000, 120'000)) {
      draw_reload(next_reload);
    }
  }
  const bool subscribes = subscriptions_.below(2) == 0;
  if (subscribes) {
    draw_subscriptions(active_ms);
    drawn_.options += ", subscriptions";
  }
  if (has_keys) drawn_.options += ", keys";
  if (affiliates) {
    draw_affiliations(active_ms);
    drawn_.options += ", affiliations";
  }
  std::int64_t end_ms = active_ms + faults_last_ms;
  if (outages_.below(8) == 0) end_ms = draw_long_outage(end_ms) + 1;
  faults.end_all(end_ms, drawn_.scenario.steps);
  for (const auto& [a, b] : links_) {
    work(end_ms, Verb::reload_with, a).other = b;
    work(end_ms, Verb::reload_with, b).other = a;
  }
  std::ranges::stable_sort(drawn_.scenario.steps, {},
                           [](const Statement& one) { return one.when.time; });
  const bool past_grace = affiliates && affiliations_.below(6) == 0;
  drawn_.scenario.finally_after = past_grace ? grace_and_more : time_to_converge;
  drawn_.faults = faults.made();
  drawn_.active = {active_ms};
  return std::move(drawn_);
}

Drawn draw(std::uint64_t seed) { return Drawer(seed).draw(seed); }

}  // namespace bivouac::sim
