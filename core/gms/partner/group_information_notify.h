// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"
#include "core/gms/partner/group_information_subscribe.h"
#include "core/gms/partner/withdrawals.h"

// Primary MC system notifies group configuration: the partner's half.
// @clause S1 10.2.7.5 (10.2.7.5)
//
// What step 1 brings is modified by the local overlay and stored, or removed, the MC service
// servers here are told, and only then step 2 says success (N4). A notification of a group that
// nobody here subscribed to changes nothing. Holds nothing between messages.

namespace bivouac::gms::partner::group_information_notify {

void on_request(engine::Context& context, GroupInformationSubscribe& subscriptions,
                Withdrawals& withdrawals, const wire::fb::Envelope& envelope);

}  // namespace bivouac::gms::partner::group_information_notify
