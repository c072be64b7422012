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
  partner.rights = {{own}, {"*"}, {"*"}};
  return partner;
}

engine::Partner* find_partner(engine::Configuration& system, std::string_view name) {
  const auto found =
      std::ranges::find(system.partners, full_identity(name), &engine::Partner::system_id);
  return found == system.partners.end() ? nullptr : &*found;
}

engine::OverlayPolicy overlay_of(const Statement& statement) {
  engine::OverlayPolicy overlay;
  apply_all(statement.settings, overlay);
  return overlay;
}

/// Adds what a statement says, if it says something about the system.
void declare(const Statement& one, std::string_view name, engine::Configuration& system) {
  if (one.verb == Verb::link || one.verb == Verb::link_both) {
    if (one.system != name && one.other != name) return;
    const bool dials = one.system == name || one.verb == Verb::link_both;
    system.partners.push_back(trusted_partner(one.system == name ? one.other : one.system, dials));
    return;
  }
  if (one.system != name) return;
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
  for (const Statement& one : scenario.declarations) declare(one, name, system);
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

void change(const Scenario& scenario, const Statement& reload, engine::Configuration& system) {
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
