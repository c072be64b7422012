// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/check.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/base/nearest.h"
#include "host-sim/scenario/grammar.h"
#include "host-sim/scenario/settings.h"
#include "host-sim/scenario/stored_group.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {
namespace {

template <class Value>
std::string try_settings(std::span<const Setting> settings) {
  Value scratch{};
  return apply_all(settings, scratch);
}

std::string try_expected(std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    if (std::string problem = check_expected(setting); !problem.empty()) return problem;
  }
  return {};
}

/// What a client holds has no record: of the facts about one it has but whether it is stale. It has
/// key material of its user.
std::string try_held(std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    if (setting.key == "stale" || setting.key == "gmks") continue;
    const bool is_fact = is_record_fact(setting.key);
    if (is_fact) return "a client does not know " + setting.key;
    if (std::string problem = check_expected(setting); !problem.empty()) return problem;
  }
  return {};
}

std::string try_overlay(std::span<const Setting> settings) {
  engine::OverlayPolicy scratch;
  std::string problem = apply_all(settings, scratch);
  if (problem.empty() && scratch.groups.empty()) problem = "expected groups=PATTERN";
  return problem;
}

std::string try_group(std::span<const Setting> settings) {
  if (std::ranges::find(settings, "alias", &Setting::key) != settings.end()) {
    return "alias is what a system calls a partner's group: an overlay sets it";
  }
  return try_settings<GroupConfiguration>(settings);
}

struct SettingsOf {
  Verb verb;
  std::string (*try_them)(std::span<const Setting> settings);
};
constexpr SettingsOf settings_of[] = {
    {Verb::system, try_settings<engine::Configuration>},
    {Verb::policy, try_settings<engine::Partner>},
    {Verb::reload_policy, try_settings<engine::Partner>},
    {Verb::overlay, try_overlay},
    {Verb::reload_overlay, try_overlay},
    {Verb::group, try_group},
    {Verb::import, try_group},
    {Verb::user, try_settings<UserProfile>},
    {Verb::import_user, try_settings<UserProfile>},
    {Verb::expect_client_has, try_held},
    {Verb::expect_client_got, try_held},
    {Verb::keys, try_settings<KeySettings>},
    {Verb::import_keys, try_settings<KeyChoice>},
    {Verb::remove_keys, try_settings<KeyChoice>},
    {Verb::expect_keys, try_settings<KeysExpected>},
    {Verb::path, try_settings<PathConditions>},
    {Verb::disk, try_settings<DiskConditions>},
    {Verb::expect_group, try_expected},
    {Verb::expect_original, try_expected},
};

/// Verbs about two systems that are partners of each other.
constexpr Verb about_partners[] = {
    Verb::policy,          Verb::overlay,     Verb::reload_policy,     Verb::reload_overlay,
    Verb::reload_without,  Verb::reload_with, Verb::reload_no_overlay, Verb::expect_link_up,
    Verb::expect_link_down};

class Checker {
 public:
  explicit Checker(const Scenario& scenario) : scenario_(scenario) {
    for (const Statement& one : scenario.declarations) {
      if (one.verb == Verb::system) declare(systems_, one, one.system, "system");
      if (one.verb == Verb::proxy) {
        declare(systems_, one, one.system, "system");
        proxies_.push_back(one.system);
      }
      if (one.verb == Verb::group) declare(groups_, one, one.group, "group");
      if (one.verb == Verb::user) declare(users_, one, one.user, "user");
      if (one.verb == Verb::client) declare(clients_, one, one.client, "client");
    }
    if (systems_.empty()) report(1, "no system is declared: expected 'system NAME'");
  }

  std::vector<Problem> run() {
    for (const auto* list : {&scenario_.declarations, &scenario_.steps, &scenario_.finally}) {
      for (const Statement& one : *list) check(one);
    }
    std::ranges::stable_sort(problems_, {}, &Problem::line);
    return std::move(problems_);
  }

 private:
  using Names = std::vector<std::string_view>;

  void report(std::size_t line, std::string text) { problems_.push_back({line, std::move(text)}); }

  void declare(Names& names, const Statement& statement, std::string_view name,
               std::string_view what) {
    if (std::ranges::find(names, name) != names.end()) {
      report(statement.line.number,
             std::string(what) + " " + std::string(name) + " was declared already");
    }
    names.push_back(name);
  }

  void known(const Names& names, const Statement& statement, std::string_view name,
             std::string_view what) {
    if (name.empty() || std::ranges::find(names, name) != names.end()) return;
    report(statement.line.number, "no " + std::string(what) + " " + std::string(name) +
                                      " is declared" + did_you_mean(name, names));
  }

  void check(const Statement& one) {
    known(systems_, one, one.system, "system");
    known(systems_, one, one.other, "system");
    if (!one.other.empty() && one.system == one.other) {
      report(one.line.number, "expected two systems, found " + one.system + " twice");
    }
    if (one.verb == Verb::import_user) known(users_, one, one.user, "user");
    known(clients_, one, one.client, "client");
    check_user(one, one.user);
    check_user(one, std::string_view(one.client).substr(0, one.client.find('/')));
    check_group(one);
    check_partners(one);
    if (one.verb == Verb::route) check_route(one);
    check_when(one);
    const auto* settings = std::ranges::find(settings_of, one.verb, &SettingsOf::verb);
    if (settings == std::end(settings_of)) return;
    if (std::string problem = settings->try_them(one.settings); !problem.empty()) {
      report(one.line.number, std::move(problem));
    }
  }

  void check_group(const Statement& one) {
    if (one.group.empty()) return;
    for (const std::string& group : split_list(one.group)) {
      if (is_canonical_identity(full_identity(group))) continue;
      return report(one.line.number, "expected a group such as fire-1@alpha, found " + group);
    }
    if (one.verb == Verb::import || one.verb == Verb::keys || one.verb == Verb::import_keys) {
      known(groups_, one, one.group, "group");
    }
  }

  void check_user(const Statement& one, std::string_view user) {
    if (user.empty() || is_canonical_identity(full_identity(user))) return;
    report(one.line.number, "expected a user such as ben@bravo, found " + std::string(user));
  }

  void check_partners(const Statement& one) {
    if (std::ranges::find(about_partners, one.verb) == std::end(about_partners)) return;
    if (are_linked(one.system, one.other, true)) return;
    report(one.line.number, "no link between " + one.system + " and " + one.other +
                                " is declared: expected 'link " + one.system + " dials " +
                                one.other + "'");
  }

  bool are_linked(std::string_view a, std::string_view b, bool routes_count) const {
    return std::ranges::any_of(scenario_.declarations, [&](const Statement& link) {
      const bool is_link = link.verb == Verb::link || link.verb == Verb::link_both ||
                           (routes_count && link.verb == Verb::route);
      return is_link &&
             ((link.system == a && link.other == b) || (link.system == b && link.other == a));
    });
  }

  /// Each on the way has a link with the next one, and those between are proxies.
  void check_route(const Statement& one) {
    std::vector<std::string> way = split_list(one.word);
    for (const std::string& proxy : way) known(proxies_, one, proxy, "proxy");
    way.insert(way.begin(), one.system);
    way.push_back(one.other);
    for (std::size_t i = 0; i + 1 < way.size(); ++i) {
      if (are_linked(way[i], way[i + 1], false)) continue;
      report(one.line.number, "no link between " + way[i] + " and " + way[i + 1] + " is declared");
    }
  }

  void check_when(const Statement& one) {
    if (one.when.kind == When::Kind::now) return;
    if (is_declaration(one.verb) || one.verb == Verb::finally) {
      report(one.line.number, "expected no time before what is declared");
    } else if (one.when.kind == When::Kind::within && !is_expectation(one.verb)) {
      report(one.line.number, "'within' is for what is expected: write 'at' or 'after'");
    }
  }

  const Scenario& scenario_;
  Names systems_;
  Names proxies_;
  Names groups_;
  Names users_;
  Names clients_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> check(const Scenario& scenario) { return Checker(scenario).run(); }

}  // namespace bivouac::sim
