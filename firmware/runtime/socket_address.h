// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include <sys/socket.h>

namespace bivouac::firmware {

struct SocketAddress {
  sockaddr_storage storage{};
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// "192.0.2.1:4711", "[2001:db8::1]:4711"; without the port when `with_port` is false.
std::string to_text(const SocketAddress& address, bool with_port = true);

/// A literal address; nothing for a name.
std::expected<SocketAddress, std::string> parse_address(const std::string& host,
                                                        std::uint16_t port);

}  // namespace bivouac::firmware
