// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/engine/context.h"
#include "core/gms/partner/group_configuration_request.h"

// Cached groups follow what changed around them: a home that rebuilt its store is asked again for
// each of its groups (decision 2), and a local overlay that an operator changed is applied again.
// Both go on slice by slice.

namespace bivouac::gms::partner::resync {

/// The home told another incarnation than its cached groups have.
void home_has_new_store(engine::Context& context, IdentityNumber system, Incarnation incarnation);

/// Looks, after a start, for stored groups that are lost, from `after` on, and has their homes
/// asked anew; false when all were looked at.
bool lost_go_on(engine::Context& context, IdentityNumber& after);

/// Requests some groups anew; true when more can be done at once.
bool go_on(engine::Context& context, GroupConfigurationRequest& requests,
           const GroupInformationSubscribe& subscriptions);

/// Compares stored overlays with the policies, from `after` on; false when all were compared.
bool overlays_go_on(engine::Context& context, IdentityNumber& after);

}  // namespace bivouac::gms::partner::resync
