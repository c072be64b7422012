// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cause.h"
#include "core/wire/schema/envelope_generated.h"

// Verified is not yet valid: what the schema cannot say is checked here, message by message, before
// a procedure sees it. Cause::none means valid.

namespace bivouac::wire {

Cause validate(const fb::Envelope& envelope);
Cause validate(const fb::GroupConfiguration& configuration);

}  // namespace bivouac::wire
