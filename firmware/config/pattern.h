// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bivouac::firmware {

/// A pattern of identities brought to the spelling that canonical identities match; nothing when no
/// identity could ever match it, or when it has more than one '*'.
std::optional<std::string> canonical_pattern(std::string_view text);

/// The same for patterns of MC systems, such as "sip:*.bravo.example".
std::optional<std::string> canonical_system_pattern(std::string_view text);

/// Whether one identity could match both.
bool overlap(std::string_view a, std::string_view b);

}  // namespace bivouac::firmware
