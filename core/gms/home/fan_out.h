// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/gms/home/shown_groups.h"
#include "core/gms/home/subscriptions.h"

// Which partners must be told of a change: compares, partner by partner, what a partner may see now
// with what it was told, and puts a pending push where they differ. Long work is a persisted cursor
// that goes on slice by slice, so a crash in the middle loses nothing (decision 3). While space is
// low only withdrawals go on; the cursor of what has to wait stays, and starts again with space.

namespace bivouac::gms::home::fan_out {

/// The group was defined, changed or removed here (10.2.7.2 by rule).
void group_changed(engine::Context& context, IdentityNumber group);

/// Everything is compared again for this partner: our rules for it changed, or it appeared. With
/// `resend` also what did not change, because the partner lost its store.
void recheck_partner(engine::Context& context, IdentityNumber system, bool resend);

/// One slice; false when nothing is left to do. Adds the partners for whom a push is pending now.
/// Subscriptions that our rules do not allow any more end on the way.
bool go_on(engine::Context& context, Subscriptions& subscriptions, ShownGroups& shown_groups,
           std::vector<std::string>& pushed_to);

}  // namespace bivouac::gms::home::fan_out
