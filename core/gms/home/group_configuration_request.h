// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"

// Partner MC system requests group configuration from the primary MC system: the home's half.
/// @clause S0 10.2.7.3 (10.2.7.3)
//
// Step 3 answers step 2: the partner needs the right `request` and gets what it may see, or, when
// it knows the newest exposed revision already, only that. Holds nothing between messages.

namespace bivouac::gms::home::group_configuration_request {

void on_request(engine::Context& context, const wire::fb::Envelope& envelope);

}  // namespace bivouac::gms::home::group_configuration_request
