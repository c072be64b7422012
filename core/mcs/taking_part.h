// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/mcs/affiliations.h"

namespace bivouac::mcs {

/// Whether users of ours take part in a partner's group while their affiliation is pending: the
/// operator says so for each group, since only its home could tell whether it would agree (D8).
bool takes_part_while_pending(const engine::Context& context, std::string_view group_id);

/// For which services a user of ours takes part by this affiliation: those that it covers, and
/// while it is `affiliating` those that profile and cached policy would give, where pending members
/// take part.
Services taken_part_in(const engine::Context& context, std::string_view mc_service_id,
                       const Affiliation& affiliation);

}  // namespace bivouac::mcs
