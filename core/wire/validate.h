// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cause.h"
#include "core/wire/schema/envelope_generated.h"

// Verified is not yet valid: what the schema cannot say is checked here, message by message, before
// a procedure sees it. Cause::none means valid.

namespace bivouac::wire {

Cause validate(const fb::Envelope& envelope);
/// On its own, as records keep it: an alias is allowed here, and in messages within one MC system.
Cause validate(const fb::GroupConfiguration& configuration);

/// Whether the envelope says who asked whom, so that an answer can be addressed.
bool has_address(const fb::Envelope& envelope);

/// What an answer says: none for success, else why not. Anything but a plain success is a failure
/// (D4). For validated answers.
Cause outcome(fb::Result result, std::uint16_t cause);

}  // namespace bivouac::wire
