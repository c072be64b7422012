// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/engine/configuration.h"
#include "core/node/links.h"
#include "core/wire/schema/envelope_generated.h"

namespace bivouac::node {

/// Who brought a message, and whose store its origin says it speaks for.
struct Sender {
  std::string_view neighbour;  // at the other end of the connection
  /// Of the origin: told in Hello, or, behind a proxy, in a sign of life. None: not yet.
  Incarnation incarnation;
};

/// True for the messages between the servers of one MC system. They do not come from outside, in
/// neither direction: an answer that a peer made up would pass for ours.
bool stays_within_system(wire::fb::Body type);

/// Whether a valid message for us, of a peer that said Hello, may reach our servers; none when it
/// may. For messages that bear an address: not Hello, not Heartbeat.
Cause judge_peer_message(const engine::Configuration& configuration, Incarnation own,
                         const Sender& sender, const wire::fb::Envelope& envelope);

}  // namespace bivouac::node
