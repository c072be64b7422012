// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/service.h"

// The profile of one MC service user, as a plain value. Items follow TS 24.484 and annex A.3 of
// TS 23.379; an absent right always means no.

namespace bivouac {

/// A group that the user may use, and the MC system whose group management server gives the user
/// its configuration (10.2.7.1).
struct ProfileGroup {
  std::string group_id;
  std::string server;
  friend bool operator==(const ProfileGroup&, const ProfileGroup&) = default;
};

struct UserProfile {
  std::string mc_service_id;  // canonical
  Services services;
  std::uint32_t affiliations_max = 0;              // N2: simultaneous affiliations
  std::vector<ProfileGroup> groups;                // sorted by group_id, no duplicates
  std::vector<std::string> implicit_affiliations;  // among the groups; sorted, no duplicates

  // Rights over other users
  bool request_affiliated_groups = false;  // may ask to which groups others are affiliated
  bool change_mandatory = false;           // may change the affiliations of others (mandatory mode)
  bool change_negotiated = false;          // may propose such a change (negotiated mode)
  bool regroup = false;                    // may regroup groups

  friend bool operator==(const UserProfile&, const UserProfile&) = default;
};

/// Null when the group is not in the profile.
inline const ProfileGroup* find_group(const UserProfile& profile, std::string_view group_id) {
  for (const ProfileGroup& group : profile.groups) {
    if (group.group_id == group_id) return &group;
  }
  return nullptr;
}

}  // namespace bivouac
