// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/wire/check.h"
#include "core/wire/schema/envelope_generated.h"

// Who speaks to whom, as the envelope says it; not for other layers.

namespace bivouac::wire {

/// Which ends a message has: two systems, or a client and the system that serves it.
enum class Ends : std::uint8_t {
  none,
  request,
  answer,
  client_request,
  client_answer,
  request_to_client,
  answer_to_client,
  either_request,  // from a client, or to one
  either_answer,   // between any two
};

/// Whether both ends, and the numbers of the exchange, are what such a message must bear.
bool check_ends(Check& check, const fb::Envelope& e, Ends ends);

/// Messages of affiliation and de-affiliation: their own file has the rules.
Cause validate_affiliation_message(const fb::Envelope& e);

}  // namespace bivouac::wire
