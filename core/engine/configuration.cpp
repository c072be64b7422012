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

}  // namespace bivouac::engine
