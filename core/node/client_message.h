// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/node/clients.h"
#include "core/wire/schema/envelope_generated.h"

namespace bivouac::node {

/// Whether a valid message of a client that said Hello may reach our servers; none when it may. For
/// messages that bear an address: not Hello, not Heartbeat.
Cause judge_client_message(std::string_view self, Incarnation own, const ClientSession& session,
                           bool logged_on, const wire::fb::Envelope& envelope);

}  // namespace bivouac::node
