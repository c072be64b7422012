// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/node/links.h"
#include "core/wire/schema/envelope_generated.h"

namespace bivouac::node {

/// Whether a valid message of a peer that said Hello may reach our servers; none when it may. For
/// messages that bear an address: not Hello, not Heartbeat.
Cause judge_peer_message(std::string_view self, Incarnation own, const Session& session,
                         const wire::fb::Envelope& envelope);

}  // namespace bivouac::node
