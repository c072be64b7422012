// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/gms/home/exposure.h"
#include "core/gms/home/subscriptions.h"

// Primary MC system notifies group configuration: the home's half.
// @clause S1 10.2.7.5 (10.2.7.5)
//
// Step 1 is what an outbox record of a subscriber leads to, step 2 its answer; when they go, in
// which order and how often is in delivery.cpp. A subscriber whose notifications come to nothing
// loses its subscription (N9).

namespace bivouac::gms::home::group_information_notify {

/// Step 1.
Bytes build(const wire::Address& address, std::string_view group_id, ExposedRevision revision,
            const Bytes* encoded, const std::vector<KeyEnvelope>* keys);

/// A notification was refused, or not answered in time by a partner that can be reached. True when
/// the subscription ended by it.
bool on_failure(engine::Context& context, Subscriptions& subscriptions, IdentityNumber group,
                IdentityNumber system, Cause cause);
/// It was accepted: what failed before is forgotten, and a withdrawal ends the subscription.
void on_success(engine::Context& context, Subscriptions& subscriptions, IdentityNumber group,
                IdentityNumber system, bool withdrawn);

}  // namespace bivouac::gms::home::group_information_notify
