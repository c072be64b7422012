// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/mcs/affiliations.h"

namespace bivouac::mcs::own {

/// For which services a user of ours takes part in a group by this affiliation: those that it
/// covers; while it is `affiliating`, none, or where the operator lets pending members take part
/// (Partner::pending_take_part) those that profile and cached policy would give.
Services taken_part_in(const engine::Context& context, std::string_view mc_service_id,
                       const Affiliation& affiliation);

}  // namespace bivouac::mcs::own
