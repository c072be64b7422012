// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>
#include <string_view>

#include "core/base/result.h"
#include "core/wire/deframer.h"
#include "core/wire/schema/envelope_generated.h"

namespace bivouac::wire {

/// A verified and validated message. Borrows the frame: valid for one step.
struct Inbound {
  const fb::Envelope* envelope = nullptr;
  std::uint8_t hops = 0;
};

/// How a frame was refused, and what to do with the connection.
struct Rejected {
  Cause cause = Cause::none;
  /// Framing or buffer broken: nothing can be believed.
  bool close = false;
  /// Set when the message asks to be answered with a Refusal: a bad request, or a message of
  /// unknown type (to an older node, a newer one's request looks like that), from a good address to
  /// a good one. Null for answers: the Refusal of one would be taken for the Refusal of another
  /// request.
  const fb::Envelope* envelope = nullptr;
};

/// The only caller of the FlatBuffers verifier for received bytes: own limits on depth and tables,
/// derived from the schema, then the number of hops. Enough to send it on; what it says is not
/// judged yet.
std::expected<Inbound, Rejected> verify_structure(const Frame& frame);
/// The semantic validator of its message (validate.h): why it is refused, if it is.
std::optional<Rejected> judge(const Inbound& inbound);
/// Both.
std::expected<Inbound, Rejected> verify(const Frame& frame);

/// True for the messages we know that expect an answer.
bool is_request(fb::Body type);
/// The same of messages that we need not know: a request says how long its answer may take.
bool expects_answer(const fb::Envelope& envelope);

/// True for the messages that an MC service client may send, beside Hello and Heartbeat.
bool is_from_client(fb::Body type);

/// The group that a message is about, the first one of a list; empty when it is about none.
std::string_view group_of(const fb::Envelope& envelope);

}  // namespace bivouac::wire
