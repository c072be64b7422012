// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/base/key_envelope.h"
#include "core/engine/context.h"
#include "core/store/record.h"

// Key material of a group (TS 33.180), at its home as an operator imported it, elsewhere as the
// home notified it (10.2.7.5). Envelopes are for group management clients; MC service servers never
// have them (N3). Nothing here looks into one.

namespace bivouac::gms {

/// Null when there is none. Dies with the step.
const store::fb::GroupKeys* view_keys(const engine::Context& context, IdentityNumber group);
/// Empty when there is none.
std::vector<KeyEnvelope> find_keys(const engine::Context& context, IdentityNumber group);
/// Replaces what there is; an empty set is remembered as such. What is gone is wiped when its
/// memory is given back.
void put_keys(engine::Context& context, IdentityNumber group,
              std::span<const KeyEnvelope> envelopes);
void erase_keys(engine::Context& context, IdentityNumber group);

/// More than a group may have.
bool exceeds_limits(std::span<const KeyEnvelope> envelopes);
/// Together with a configuration of so many encoded bytes they go into one message.
bool fits_a_frame(std::size_t configuration_bytes, std::span<const KeyEnvelope> envelopes);
/// Whether it counts no more; nothing expires while the clock is not trusted (decision 9).
bool has_expired(const engine::Context& context, std::uint64_t expiry_wall_ms);

/// After a start, and when the clock became trusted or is so no longer: when each group's next
/// envelope expires.
void watch_expiry(engine::Context& context);
/// The time of some envelope of the group has come. True when something was erased.
bool expire_keys(engine::Context& context, IdentityNumber group);

}  // namespace bivouac::gms
