// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "core/base/key_envelope.h"
#include "core/base/result.h"
#include "core/engine/context.h"

// Key material of groups that have their home here: an operator imports and removes it. Where the
// group management server of the text generates keys (10.2.7.5, second precondition), ours is given
// them by the domain's own tool, in envelopes that it cannot open.

namespace bivouac::gms::home::key_import {

/// Adds the envelopes, or replaces those of the same recipient and GMK; all or none. Refused:
/// group_unknown, not_home_here, key_stranger, key_expired, key_limit, storage_full.
Result<GroupVersion> import(engine::Context& context, std::string_view group_id,
                            std::vector<KeyEnvelope> envelopes);

/// Removes the envelopes of one GMK, or all. Never refused for want of space. Refused:
/// group_unknown, not_home_here, key_unknown.
Result<GroupVersion> remove(engine::Context& context, std::string_view group_id, GmkId gmk);

/// Whether this configuration goes into one message with the key material that the group has.
bool fits_with(const engine::Context& context, IdentityNumber group,
               const GroupConfiguration& configuration);

/// The group was defined anew: who is no member any more has no envelope either.
void drop_strangers(engine::Context& context, IdentityNumber group,
                    const GroupConfiguration& configuration);

}  // namespace bivouac::gms::home::key_import
