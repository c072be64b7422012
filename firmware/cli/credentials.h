// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "firmware/config/settings.h"
#include "firmware/crypto/credentials.h"

namespace bivouac::firmware::cli {

/// No gateway was ever built before this: 2025-06-01. The wall clock of a board without battery is.
inline constexpr WallMs build_floor{1'748'736'000'000};

CredentialFiles credential_files(const Settings& settings);

/// The certificate and its company as the settings name them, and whether it is ours at all. The
/// problem points at the line of the settings.
std::expected<std::shared_ptr<const Credentials>, Problem> load_credentials(
    const Settings& settings, WallMs judged_at);

}  // namespace bivouac::firmware::cli
