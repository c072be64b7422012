// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"

namespace bivouac::engine {

/// What we remember of another MC system over restarts.
struct PeerRecord {
  Incarnation incarnation;          // told in its last Hello; none: never met
  std::uint32_t dial_attempts = 0;  // since its link was up; the back-off goes on after a restart
  std::uint64_t policy_digest = 0;  // of our rules for it when its exposures were last compared
  ExposedRevision revision_floor;   // forgotten exposures had revisions up to this one
  friend bool operator==(const PeerRecord&, const PeerRecord&) = default;
};

/// Empty when the system is not known.
PeerRecord find_peer(const Context& context, std::string_view system_id);
/// Writes only what differs; while space is low no partner that is not known yet, whose number may
/// then be none. Refused: identity_limit.
Result<IdentityNumber> put_peer(Context& context, std::string_view system_id,
                                const PeerRecord& peer);

}  // namespace bivouac::engine
