// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

// Identities are URIs. They are brought to one canonical spelling where they enter (wire, files,
// certificates, command line); inside, equal means equal bytes (D7).

namespace bivouac {

/// Canonical form of an MC service ID, MC service group ID or functional alias:
///   sip:  scheme and host lower case, user part case-kept, %-escapes of unreserved characters
///         decoded and the others in upper-case hex, the default port dropped;
///   tel:  global numbers, visual separators dropped ("tel:+49123").
/// Refused as identity_malformed: other schemes, URI parameters and headers, an empty or missing
/// user part, white space, control characters, non-UTF-8, more than identity_bytes_max bytes.
Result<std::string> canonical_identity(std::string_view text);

/// Canonical form of an MC system ID: "sip:" and a host without user part (RFC 5922 domain
/// identity).
Result<std::string> canonical_system(std::string_view text);

/// Whether the text is canonical already, without allocating. Used on every received message.
bool is_canonical_identity(std::string_view text);
bool is_canonical_system(std::string_view text);

/// A pattern such as "sip:*@bravo.example", "tel:+49*" or "*": one '*' at most, matches any bytes.
bool matches(std::string_view pattern, std::string_view identity);
bool matches_any(const std::vector<std::string>& patterns, std::string_view identity);

/// Well-formed UTF-8 without control characters.
bool is_clean_text(std::string_view text);

}  // namespace bivouac
