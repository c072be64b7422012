// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/base/user_profile.h"
#include "core/engine/context.h"

// The profiles of the users who are served here, as an operator defines them. For them, and only
// for them, this system's group management server is the source of group configuration: a profile
// that names another server is refused (10.2.7.1, P7).

namespace bivouac::mcs::own::user_profile {

/// Groups without a server get this system. Refused: what the validator finds, user_of_partner,
/// profile_foreign_server, storage_full, user_limit, identity_limit.
Result<void> import(engine::Context& context, UserProfile profile);
/// Refused: user_unknown.
Result<void> remove(engine::Context& context, std::string_view mc_service_id);

}  // namespace bivouac::mcs::own::user_profile
