// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/affiliation.h"
#include "core/base/cause.h"
#include "core/base/service.h"

// Numbers and causes in words for an operator.

namespace bivouac::firmware::cli {

/// What happened, and what to do about it.
struct Explanation {
  std::string_view words;
  std::string_view hint;
};
Explanation explain(Cause cause);
/// The cause of that name; none when there is none.
Cause cause_named(std::string_view name);
/// For the names of HandshakeFailure in a status.
Explanation explain_handshake(std::string_view failure);

/// "words (name)"; for a cause of a newer program its number.
std::string in_words(Cause cause);

std::string bytes_in_words(std::uint64_t bytes);      // "1.2 MiB"
std::string span_in_words(std::uint64_t ms);          // "3 min", "2 days"
std::string microseconds_in_words(std::uint64_t us);  // "1.2 ms"
std::string wall_in_words(std::int64_t wall_ms);      // "2026-11-21 03:37:07 UTC"
std::string days_in_words(std::int64_t days);         // "29 days left", "expired 3 days ago"
std::string services_in_words(Services services);     // "mcptt, mcdata"
/// "affiliated for mcptt", "affiliating, and takes part here for mcptt"
std::string status_in_words(AffiliationStatus status, Services services);
/// Who wants an affiliation: "user", "profile", "regroup", "other_user".
std::vector<std::string_view> names_of(AffiliationSources sources);

}  // namespace bivouac::firmware::cli
