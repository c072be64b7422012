// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/base/key_envelope.h"
#include "core/engine/context.h"
#include "core/gms/home/exposure.h"

// Which key material a partner is told, and what tells it apart: keys travel with notifications
// only (10.2.7.5), for users whose home the partner is. A push and an answer to a pull bear none.

namespace bivouac::gms::home {

/// The envelopes for the partner's users; none when there is nothing to say: nobody ever imported
/// any, or ours were lost, and the partner keeps what it has.
std::optional<std::vector<KeyEnvelope>> exposed_keys(const engine::Context& context,
                                                     IdentityNumber group,
                                                     const engine::Partner& partner);

/// Digest of what the partner is told by these means, from that of the configuration it is shown.
std::uint64_t told_digest(const engine::Context& context, IdentityNumber group,
                          std::uint64_t shown_digest, const engine::Partner& partner, Means means);

}  // namespace bivouac::gms::home
