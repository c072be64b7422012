// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/user_profile.h"

// Profiles of users for tests. Header only, because the tests of the lower layers do without the
// library tests_support.

namespace bivouac::test {

/// Only what must be there.
inline UserProfile bare_profile(std::string_view user = "sip:ben@bravo.example",
                                Services services = Services::all()) {
  UserProfile profile;
  profile.mc_service_id = user;
  profile.services = services;
  return profile;
}

/// Ben of bravo, with one group.
inline UserProfile sample_profile(std::string_view user = "sip:ben@bravo.example",
                                  std::string_view group_id = "sip:fire-1@alpha.example",
                                  std::string_view server = "sip:bravo.example") {
  UserProfile profile = bare_profile(user);
  profile.affiliations_max = 4;
  profile.groups = {{std::string(group_id), std::string(server)}};
  return profile;
}

/// Every field set to something other than its default.
inline UserProfile full_profile() {
  UserProfile profile = sample_profile();
  profile.services = Services::of(Service::mcptt) | Services::of(Service::mcdata);
  profile.groups.push_back({"sip:rescue@bravo.example", "sip:bravo.example"});
  profile.implicit_affiliations = {"sip:fire-1@alpha.example"};
  profile.request_affiliated_groups = profile.change_mandatory = true;
  profile.change_negotiated = profile.regroup = true;
  return profile;
}

}  // namespace bivouac::test
