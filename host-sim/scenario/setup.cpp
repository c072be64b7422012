// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/setup.h"

#include <algorithm>

#include "host-sim/scenario/settings.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {
namespace {

engine::Partner trusted_partner(std::string_view name, bool is_dialled) {
  const std::string own = full_identity("*@" + std::string(name));
  engine::Partner partner;
  partner.system_id = full_identity(name);
  if (is_dialled) partner.addresses = {std::string(name) + ":8443"};
  partner.users = partner.groups = {own};
  partner.rights = {{own}, {"*"}, {"*"}, {"*"}};
  partner.rights.affiliate = {"*"};
  return partner;
}

engine::Partner* find_partner(engine::Configuration& system, std::string_view name) {
  const auto found =
      std::ranges::find(system.partners, full_identity(name), &engine::Partner::system_id);
  return found == system.partners.end() ? nullptr : &*found;
}

/// A link with a proxy, or of one, is no trust.
engine::Partner neighbour(std::string_view name, bool is_dialled) {
  engine::Partner partner;
  partner.system_id = full_identity(name);
  if (is_dialled) partner.addresses = {std::string(name) + ":8443"};
  return partner;
}

bool is_proxy(const Scenario& scenario, std::string_view name) {
  return std::ranges::any_of(scenario.declarations, [&](const Statement& one) {
    return one.verb == Verb::proxy && one.system == name;
  });
}

/// What lies at one side of a system on a route: its neighbour there, and the end behind that.
struct Side {
  std::string neighbour;
  std::string end;
};

void add_behind(engine::Configuration& system, const Side& side) {
  engine::Partner* next = find_partner(system, side.neighbour);
  if (next != nullptr && side.neighbour != side.end) {
    next->speaks_for.push_back(full_identity(side.end));
  }
}

/// The ends of a route trust each other as over a link; proxies let both through, and no one else.
void lay_route(const Statement& route, std::string_view name, engine::Configuration& system) {
  std::vector<std::string> way = split_list(route.word);
  way.insert(way.begin(), route.system);
  way.push_back(route.other);
  const auto place = std::ranges::find(way, name);
  if (place == way.end()) return;
  const bool is_first = place == way.begin();
  const bool is_last = place + 1 == way.end();
  if (!is_first) add_behind(system, {*(place - 1), way.front()});
  if (!is_last) add_behind(system, {*(place + 1), way.back()});
  if (is_first || is_last) {
    engine::Partner partner = trusted_partner(is_first ? way.back() : way.front(), false);
    partner.via = full_identity(is_first ? *(place + 1) : *(place - 1));
    system.partners.push_back(std::move(partner));
    return;
  }
  engine::Partner* before = find_partner(system, *(place - 1));
  engine::Partner* after = find_partner(system, *(place + 1));
  if (before == nullptr || after == nullptr) return;
  before->rights.forward.push_back(full_identity(way.back()));
  after->rights.forward.push_back(full_identity(way.front()));
}

engine::OverlayPolicy overlay_of(const Statement& statement) {
  engine::OverlayPolicy overlay;
  apply_all(statement.settings, overlay);
  return overlay;
}

/// Adds what a statement says, if it says something about the system.
void declare(const Scenario& scenario, const Statement& one, std::string_view name,
             engine::Configuration& system) {
  if (one.verb == Verb::link || one.verb == Verb::link_both) {
    if (one.system != name && one.other != name) return;
    const bool dials = one.system == name || one.verb == Verb::link_both;
    const bool trusts = !is_proxy(scenario, one.system) && !is_proxy(scenario, one.other);
    const std::string& other = one.system == name ? one.other : one.system;
    system.partners.push_back(trusts ? trusted_partner(other, dials) : neighbour(other, dials));
    return;
  }
  if (one.system != name) return;
  if (one.verb == Verb::proxy) system.services = {};
  if (one.verb == Verb::system) apply_all(one.settings, system);
}

/// Policies may stand before the link that they are about.
void refine(const Statement& one, std::string_view name, engine::Configuration& system) {
  if (one.system != name) return;
  engine::Partner* partner = find_partner(system, one.other);
  if (partner == nullptr) return;
  if (one.verb == Verb::policy) apply_all(one.settings, *partner);
  if (one.verb == Verb::overlay) partner->overlays.push_back(overlay_of(one));
}

void sort_partners(engine::Configuration& system) {
  std::ranges::sort(system.partners, {}, &engine::Partner::system_id);
}

}  // namespace

engine::Configuration configuration_of(const Scenario& scenario, std::string_view name) {
  engine::Configuration system;
  system.system_id = full_identity(name);
  for (const Statement& one : scenario.declarations) declare(scenario, one, name, system);
  for (const Statement& one : scenario.declarations) {
    if (one.verb == Verb::route) lay_route(one, name, system);
  }
  for (const Statement& one : scenario.declarations) refine(one, name, system);
  sort_partners(system);
  return system;
}

std::map<std::string, GroupConfiguration> declared_groups(const Scenario& scenario) {
  std::map<std::string, GroupConfiguration> groups;
  for (const Statement& one : scenario.declarations) {
    if (one.verb != Verb::group) continue;
    GroupConfiguration& group = groups[one.group];
    group.group_id = full_identity(one.group);
    group.services = Services::all();
    apply_all(one.settings, group);
  }
  return groups;
}

std::map<std::string, UserProfile> declared_users(const Scenario& scenario) {
  std::map<std::string, UserProfile> users;
  for (const Statement& one : scenario.declarations) {
    if (one.verb != Verb::user) continue;
    UserProfile& user = users[one.user];
    user.mc_service_id = full_identity(one.user);
    user.services = Services::all();
    apply_all(one.settings, user);
  }
  return users;
}

std::string full_client(std::string_view name) {
  const std::size_t slash = name.find('/');
  return full_identity(name.substr(0, slash)) + std::string(name.substr(slash));
}

std::vector<client::McServiceClient::Options> declared_clients(const Scenario& scenario) {
  std::vector<client::McServiceClient::Options> clients;
  for (const Statement& one : scenario.declarations) {
    if (one.verb != Verb::client) continue;
    const std::size_t slash = one.client.find('/');
    clients.push_back({full_identity(one.client.substr(0, slash)),
                       one.client.substr(slash + 1),
                       full_identity(one.system),
                       {},
                       true});
  }
  return clients;
}

void change(const Scenario& scenario, const Statement& reload, engine::Configuration& system) {
  if (reload.verb == Verb::reload_system) apply_all(reload.settings, system);
  engine::Partner* partner = find_partner(system, reload.other);
  if (reload.verb == Verb::reload_with && partner == nullptr) {
    engine::Configuration declared = configuration_of(scenario, reload.system);
    if (const engine::Partner* known = find_partner(declared, reload.other)) {
      system.partners.push_back(*known);
      sort_partners(system);
    }
    return;
  }
  if (partner == nullptr) return;
  if (reload.verb == Verb::reload_policy) apply_all(reload.settings, *partner);
  if (reload.verb == Verb::reload_overlay) partner->overlays = {overlay_of(reload)};
  if (reload.verb == Verb::reload_no_overlay) partner->overlays.clear();
  if (reload.verb == Verb::reload_without) {
    std::erase_if(system.partners,
                  [&](const auto& one) { return one.system_id == full_identity(reload.other); });
  }
}

}  // namespace bivouac::sim
