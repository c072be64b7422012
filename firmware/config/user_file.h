// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/user_profile.h"
#include "firmware/config/problem.h"

// The profile of one MC service user as a file: what `bivouac user import` reads and
// `bivouac user show --toml` writes. firmware/config/example_user.toml is one.

namespace bivouac::firmware {

struct UserResult {
  UserProfile profile;  // to be used only when ok
  std::vector<Problem> problems;
  bool ok = false;
};

/// Identities come out canonical, groups sorted. The server of a group is empty unless given.
UserResult parse_user(std::string_view text, const std::string& file);
UserResult read_user(const std::string& file);

/// The same as a file; reading it back gives an equal value. Items with their default are left out.
std::string write_user(const UserProfile& profile);

}  // namespace bivouac::firmware
