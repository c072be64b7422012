// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"
#include "core/gms/home/delivery.h"
#include "core/gms/home/subscriptions.h"

// Partner MC system subscribes to group configuration: the home's half.
// @clause S1 10.2.7.4 (10.2.7.4)
//
// Step 2 answers step 1 for each group of the message. Where the subscriber has another revision
// than the newest, a notification follows at once (N5). Held: a record for each subscription, until
// its lease ends, its subscriber or a rule ends it, or its notifications fail (N9).

namespace bivouac::gms::home::group_information_subscribe {

void on_request(engine::Context& context, Subscriptions& subscriptions, Delivery& delivery,
                const wire::fb::Envelope& envelope);

}  // namespace bivouac::gms::home::group_information_subscribe
