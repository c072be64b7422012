// SPDX-License-Identifier: Apache-2.0
#include "core/engine/configuration.h"

#include <algorithm>

#include "core/base/identity.h"

namespace bivouac::engine {

const Partner* Configuration::partner(std::string_view id) const {
  const auto found =
      std::lower_bound(partners.begin(), partners.end(), id,
                       [](const Partner& p, std::string_view v) { return p.system_id < v; });
  return found != partners.end() && found->system_id == id ? &*found : nullptr;
}

const Partner* Configuration::home_of_group(std::string_view group_id) const {
  for (const Partner& partner : partners) {
    if (matches_any(partner.groups, group_id)) return &partner;
  }
  return nullptr;
}

const Partner* Configuration::home_of_user(std::string_view mc_service_id) const {
  for (const Partner& partner : partners) {
    if (matches_any(partner.users, mc_service_id)) return &partner;
  }
  return nullptr;
}

const Partner* Configuration::neighbour(std::string_view id) const {
  const Partner* found = partner(id);
  return found != nullptr && found->via.empty() ? found : nullptr;
}

const Partner* Configuration::next_hop(std::string_view system) const {
  if (const Partner* known = partner(system)) {
    return known->via.empty() ? known : neighbour(known->via);
  }
  const auto speaks = std::ranges::find_if(partners, [&](const Partner& p) {
    return p.via.empty() && matches_any(p.speaks_for, system);
  });
  return speaks == partners.end() ? nullptr : &*speaks;
}

bool Configuration::may_speak_for(const Partner& neighbour, std::string_view system) {
  return neighbour.system_id == system || matches_any(neighbour.speaks_for, system);
}

}  // namespace bivouac::engine
