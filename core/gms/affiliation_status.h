// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"

// The group management server's end of the status updates: which users are affiliated to the groups
// that have their home here, as its MC service server tells it (10.X.2.3, 10.X.2.6).
// @clause S4 10.X.3.1
// @clause S4 10.X.3.2.2
// @clause S4 10.X.4.2
// @clause S4 10.X.4.3
//
// An update has no answer (F8): both servers are in one batch, so it is neither lost nor late.

namespace bivouac::gms::affiliation_status {

/// 10.X.3.1 step 5b.
void on_update(engine::Context& context, const wire::fb::Envelope& envelope);
/// 10.X.4.2 step 4b.
void on_end(engine::Context& context, const wire::fb::Envelope& envelope);

}  // namespace bivouac::gms::affiliation_status
