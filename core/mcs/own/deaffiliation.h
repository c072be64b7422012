// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mcs/asking/affiliation.h"
#include "core/mcs/own/affiliation.h"
#include "core/mcs/own/affiliation_status.h"

// A client of a user who is served here de-affiliates from groups that have their home here.
// @clause S4 10.X.4.2
//
// One message in, answer and status update out. Holds nothing between messages: the policy counts
// as far as it is cached, since leaving a group that is not known any more is not refused (F9).

namespace bivouac::mcs::own::deaffiliation {

/// Whom it concerns.
struct Parts {
  Affiliations& affiliations;
  AffiliationStatusNotification& status;
  asking::PartnerAffiliation& partner;
  AffiliationProcedure& affiliation;
};

/// Step 1, also of 10.X.4.3: what partners answer for ends here at once, and there when its home is
/// in reach (F12).
void on_request(engine::Context& context, const wire::fb::Envelope& envelope, const Parts& parts);

}  // namespace bivouac::mcs::own::deaffiliation
