// SPDX-License-Identifier: Apache-2.0
// What a seed draws of affiliations: groups that stay for a while, what clients wish, and what
// operators do to it.
#include <algorithm>

#include "host-sim/scenario/words.h"
#include "host-sim/soak/drawer.h"

namespace bivouac::sim {
namespace {

/// The setting of a declaration, added when it has none.
std::string& setting(Statement& declared, std::string_view key) {
  auto found = std::ranges::find(declared.settings, key, &Setting::key);
  if (found == declared.settings.end()) {
    declared.settings.push_back({std::string(key), {}});
    found = declared.settings.end() - 1;
  }
  return found->value;
}

}  // namespace

/// Groups that most users are members of, and are told of in their profiles. Other groups change
/// all the time, so that nobody is affiliated to them for long.
void Drawer::draw_halls() {
  for (const std::string& home : systems_) {
    const std::int64_t count = 1 + affiliations_.below(3);
    for (std::int64_t i = 1; i <= count; ++i) {
      halls_.emplace_back("hall-" + std::to_string(i) + "@" + home, home);
      Statement& group = declare(Verb::group, {});
      group.group = halls_.back().first;
      group.settings = some_hall_settings();
      work(start_ms, Verb::import, home).group = group.group;
    }
  }
  for (Statement& one : drawn_.scenario.declarations) {
    if (one.verb != Verb::user) continue;
    std::string& groups = setting(one, "groups");
    if (groups == "none") groups = "";
    for (const auto& [hall, home] : halls_) {
      if (affiliations_.below(6) != 0) groups += (groups.empty() ? "" : ",") + hall;
    }
    if (groups.empty()) groups = halls_.front().first;
    std::string implicit;
    for (const std::string& group : split_list(groups)) {
      if (affiliations_.below(8) == 0) implicit += (implicit.empty() ? "" : ",") + group;
    }
    if (!implicit.empty()) setting(one, "implicit_affiliations") = implicit;
    setting(one, "affiliations_max") = std::to_string(1 + affiliations_.below(6));
    setting(one, "request_affiliated_groups") = affiliations_.below(3) == 0 ? "yes" : "no";
  }
}

std::vector<Setting> Drawer::some_hall_settings() {
  std::vector<Setting> settings;
  std::string members;
  for (const auto& [user, system] : users_) {
    if (affiliations_.below(6) == 0) continue;
    members += (members.empty() ? "" : ",") + user;
    if (stays_.below(8) == 0) members += "!";
  }
  settings.push_back({"members", members.empty() ? "none" : members});
  settings.push_back({"disabled", affiliations_.below(10) == 0 ? "yes" : "no"});
  if (affiliations_.below(4) == 0) {
    constexpr std::string_view choices[] = {"mcptt", "mcptt,mcdata", "mcptt,mcvideo,mcdata"};
    const auto which = static_cast<std::size_t>(affiliations_.below(std::ssize(choices)));
    settings.push_back({"services", std::string(choices[which])});
  }
  return settings;
}

/// A list of some groups, maybe with one of them twice, or one that there is not.
std::string Drawer::some_groups(std::int64_t count_max) {
  std::string list;
  const std::int64_t count = 1 + affiliations_.below(count_max);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t which = affiliations_.below(20);
    const auto& from = which < 3 ? groups_ : halls_;
    const auto at = static_cast<std::size_t>(affiliations_.below(std::ssize(from)));
    list += (list.empty() ? "" : ",") + (which == 19 ? "nowhere@alpha" : from[at].first);
  }
  return list;
}

void Drawer::draw_affiliation_wish(std::int64_t at_ms) {
  const auto one_of = [&](const auto& list) -> const auto& {
    return list[static_cast<std::size_t>(affiliations_.below(std::ssize(list)))];
  };
  const std::string client = one_of(clients_);
  const std::int64_t which = affiliations_.below(100);
  const auto wish = [&](Verb verb) -> Statement& {
    Statement& one = work(at_ms, verb, {});
    one.client = client;
    return one;
  };
  if (which < 45) {
    wish(Verb::client_affiliates).group = some_groups(4);
  } else if (which < 67) {
    wish(Verb::client_deaffiliates).group = some_groups(2);
  } else if (which < 72) {
    wish(Verb::client_deaffiliates_all).group = some_groups(3);
  } else if (which < 80) {
    const std::string user = one_of(users_).first;
    wish(which < 78 ? Verb::client_watches : Verb::client_unwatches).user = user;
  } else if (which < 84) {
    wish(Verb::client_logs_off);
  } else if (which < 94) {
    wish(Verb::client_logs_on);
  } else if (which < 96) {
    wish(Verb::client_restarts);
  } else {
    const std::string& system = client.substr(client.find('@') + 1);
    const std::string at_system = system.substr(0, system.find('/'));
    wish(Verb::cut_client).system = at_system;
    const std::int64_t ms = 100 + affiliations_.below(affiliations_.below(3) == 0 ? 90'000 : 3'000);
    Statement& healed = work(at_ms + ms, Verb::heal_client, at_system);
    healed.client = client;
  }
}

std::vector<Setting> Drawer::some_profile_settings() {
  std::vector<Setting> settings;
  if (affiliations_.below(3) != 0)
    settings.push_back({"affiliations_max", std::to_string(affiliations_.below(7))});
  if (affiliations_.below(3) == 0) {
    std::string groups;
    for (const auto& [hall, home] : halls_) {
      if (affiliations_.below(4) != 0) groups += (groups.empty() ? "" : ",") + hall;
    }
    const std::string& implicit = halls_.front().first;
    const bool has_it = groups.starts_with(implicit);
    settings.push_back({"groups", groups.empty() ? "none" : groups});
    settings.push_back({"implicit_affiliations", has_it ? implicit : "none"});
  }
  return settings;
}

/// What ends affiliations without their users' asking.
void Drawer::draw_affiliation_rule(std::int64_t at_ms) {
  const auto one_of = [&](const auto& list) -> const auto& {
    return list[static_cast<std::size_t>(affiliations_.below(std::ssize(list)))];
  };
  const std::int64_t which = affiliations_.below(20);
  if (which < 8) {
    const auto& [hall, home] = one_of(halls_);
    Statement& import = work(at_ms, Verb::import, home);
    import.group = hall;
    import.settings = some_hall_settings();
  } else if (which < 10) {
    const auto& [hall, home] = one_of(halls_);
    work(at_ms, Verb::remove, home).group = hall;
    const std::int64_t gone_ms = 100 + affiliations_.below(60'000);
    work(at_ms + gone_ms, Verb::import, home).group = hall;
  } else if (which < 15) {
    const auto& [user, system] = one_of(users_);
    Statement& import = work(at_ms, Verb::import_user, system);
    import.user = user;
    import.settings = some_profile_settings();
  } else if (which < 17) {
    const auto& [user, system] = one_of(users_);
    work(at_ms, Verb::remove_user, system).user = user;
    const std::int64_t gone_ms = 100 + affiliations_.below(60'000);
    work(at_ms + gone_ms, Verb::import_user, system).user = user;
  } else {
    const auto& [a, b] = one_of(links_);
    const bool swapped = affiliations_.below(2) == 0;
    constexpr std::string_view patterns[] = {"*", "*", "hall-1@*", "none"};
    const std::string_view pattern = one_of(patterns);
    Statement& reload = work(at_ms, Verb::reload_policy, swapped ? b : a);
    reload.other = swapped ? a : b;
    reload.settings = {{"affiliate", std::string(pattern)}};
  }
}

void Drawer::draw_affiliations(std::int64_t active_ms) {
  const std::int64_t wish_every_ms = 500 + affiliations_.below(10'000);
  for (std::int64_t at = 2 * start_ms; at < active_ms;
       at += 1 + affiliations_.below(2 * wish_every_ms))
    draw_affiliation_wish(at);
  const std::int64_t rule_every_ms = 5'000 + affiliations_.below(120'000);
  for (std::int64_t at = rule_every_ms; at < active_ms;
       at += 1 + affiliations_.below(2 * rule_every_ms))
    draw_affiliation_rule(at);
}

}  // namespace bivouac::sim
