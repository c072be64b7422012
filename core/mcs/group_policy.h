// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/engine/context.h"

namespace bivouac::mcs {

/// What the locally cached policy of a group says of one user (10.X.3.1 step 2a).
struct GroupPolicy {
  Services services;  // of the MC services here that hold it
  bool disabled = false;
  bool member = false;
  bool affiliation_required = false;         // of this member
  std::uint32_t affiliated_members_min = 0;  // 0: not given
};

/// None when no MC service server here holds the group's policy.
std::optional<GroupPolicy> find_policy(const engine::Context& context, std::string_view group_id,
                                       std::string_view mc_service_id);

}  // namespace bivouac::mcs
