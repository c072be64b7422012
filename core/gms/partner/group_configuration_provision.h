// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"
#include "core/gms/partner/withdrawals.h"

// Primary MC system provides group configuration to the partner MC system: the partner's half.
// @clause S0 10.2.7.2 (10.2.7.2)
//
// Steps 2 to 5: modify by the local overlay, store, notify the MC service servers here, answer. The
// answer leaves when all of it is durable (P3). Holds nothing between messages.

namespace bivouac::gms::partner::group_configuration_provision {

void on_request(engine::Context& context, Withdrawals& withdrawals,
                const wire::fb::Envelope& envelope);

}  // namespace bivouac::gms::partner::group_configuration_provision
