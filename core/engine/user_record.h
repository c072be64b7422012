// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/base/user_profile.h"
#include "core/engine/context.h"

namespace bivouac::engine {

/// Users with a stored profile.
std::size_t count_users(const Context& context);
/// The stored profile; none when there is none, or when it does not pass our rules any more.
std::optional<UserProfile> find_user(const Context& context, std::string_view mc_service_id);
/// Refused: identity_limit.
Result<IdentityNumber> put_user(Context& context, const UserProfile& profile);

/// A user whom this system serves: the profile is stored here, and no partner's patterns claim the
/// user.
bool is_served_here(const Context& context, std::string_view mc_service_id);

}  // namespace bivouac::engine
