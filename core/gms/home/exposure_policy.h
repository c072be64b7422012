// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/base/bytes.h"
#include "core/base/group_configuration.h"
#include "core/engine/configuration.h"

// What a given partner may see of a group that has its home here, and whether it is told by itself.
// Pure. 10.2.7.1; NOTE 3 of 10.2.7.2 and of 10.2.7.3; resolutions P2, D5.

namespace bivouac::gms::home {

/// The configuration as this partner may see it; none when no service of it is left.
std::optional<GroupConfiguration> expose(const GroupConfiguration& configuration,
                                         const engine::Partner& partner);

/// Whether the group has a member whose home is this partner: then it is pushed by rule (10.2.7.2).
bool has_member_of(const GroupConfiguration& configuration, const engine::Partner& partner);

/// Digest of what the partner may see, to tell when its exposed revision must rise (decision 11).
std::uint64_t exposed_digest(const GroupConfiguration& exposed);
/// The same of its encoded form.
std::uint64_t exposed_digest(ByteView encoded);

/// Digest of all of our rules that decide what the partner sees.
std::uint64_t policy_digest(const engine::Partner& partner);

}  // namespace bivouac::gms::home
