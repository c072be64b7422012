// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>

#include "core/base/result.h"
#include "core/wire/deframer.h"
#include "core/wire/schema/envelope_generated.h"

namespace bivouac::wire {

/// A verified and validated message. Borrows the frame: valid for one step.
struct Inbound {
  const fb::Envelope* envelope = nullptr;
  std::uint8_t hops = 0;
};

/// How a frame was refused: what to do with the connection, and what could still be read of it so
/// that a bad request can be answered with a Refusal. An unknown message with an address is
/// answered as well: to an older node, the request of a newer one looks like that.
struct Rejected {
  Cause cause = Cause::none;
  bool close = false;  // framing or buffer broken: nothing can be believed
  const fb::Envelope* envelope =
      nullptr;  // its address is good, though the message is bad; else null
};

/// The only caller of the FlatBuffers verifier for received bytes: own limits on depth and tables,
/// derived from the schema, then the semantic validator of the message (validate.h).
std::expected<Inbound, Rejected> verify(const Frame& frame);

/// True for the messages we know that expect an answer.
bool is_request(fb::Body type);

}  // namespace bivouac::wire
