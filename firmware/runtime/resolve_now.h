// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "firmware/runtime/socket_address.h"

namespace bivouac::firmware {

/// As Resolver::resolve, but blocks until there is an answer, seconds when no name server answers.
/// For commands; the gateway itself never waits for a name.
std::expected<std::vector<SocketAddress>, std::string> resolve_now(const std::string& host,
                                                                   std::uint16_t port);

}  // namespace bivouac::firmware
