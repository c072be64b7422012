// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/user_profile.h"
#include "core/engine/context.h"
#include "core/store/records_generated.h"
#include "core/wire/user_profile_codec.h"

namespace bivouac::engine {

/// Users with a stored profile.
std::size_t count_users(const Context& context);
/// The stored profile where it lies; null when there is none, or when our rules refuse it
/// (judge_stored). Dies with the step.
const wire::fb::UserProfile* find_user(const Context& context, std::string_view mc_service_id);
const wire::fb::UserProfile* profile_of(const store::fb::User& record);
/// Refused: identity_limit.
Result<IdentityNumber> put_user(Context& context, const UserProfile& profile);

/// A user whom this system serves: the profile is stored here, and no partner's patterns claim the
/// user.
bool is_served_here(const Context& context, std::string_view mc_service_id);

}  // namespace bivouac::engine
