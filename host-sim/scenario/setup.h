// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/base/group_configuration.h"
#include "core/base/user_profile.h"
#include "core/client/mc_service_client.h"
#include "core/engine/configuration.h"
#include "host-sim/scenario/scenario.h"

// From declarations to the values that systems and operators work with.

namespace bivouac::sim {

/// Of one declared system, with its partners as links, policies and overlays say. Partners trust
/// each other fully for the groups and users of their own domains, unless a policy says otherwise.
engine::Configuration configuration_of(const Scenario& scenario, std::string_view name);

/// As declared, by short name; the home is left to who imports it.
std::map<std::string, GroupConfiguration> declared_groups(const Scenario& scenario);

/// As declared, by short name.
std::map<std::string, UserProfile> declared_users(const Scenario& scenario);
/// In their order.
std::vector<client::McServiceClient::Options> declared_clients(const Scenario& scenario);
/// "sip:ben@bravo.example/phone" of "ben@bravo/phone", as the world calls it.
std::string full_client(std::string_view name);

/// Carries out a reload; `scenario` knows what a partner is like that comes back.
void change(const Scenario& scenario, const Statement& reload, engine::Configuration& system);

}  // namespace bivouac::sim
