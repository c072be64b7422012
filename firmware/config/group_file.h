// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/group_configuration.h"
#include "firmware/config/problem.h"

// The definition of one MC service group as a file: what `bivouac group import` reads and
// `bivouac group show --toml` writes.

namespace bivouac::firmware {

struct GroupResult {
  GroupConfiguration configuration;  // to be used only when ok
  std::vector<Problem> problems;
  bool ok = false;
};

/// Identities come out canonical, members sorted. home_system is empty unless given.
GroupResult parse_group(std::string_view text, const std::string& file);
GroupResult read_group(const std::string& file);

/// The same as a file; reading it back gives an equal value. Items with their default are left out;
/// an alias, which only overlays set, is a comment.
std::string write_group(const GroupConfiguration& configuration);

}  // namespace bivouac::firmware
