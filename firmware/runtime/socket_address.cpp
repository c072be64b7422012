// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/socket_address.h"

#include <array>

#include <netinet/in.h>
#include <uv.h>

namespace bivouac::firmware {

std::string to_text(const SocketAddress& address, bool with_port) {
  std::array<char, 64> host{};
  std::uint16_t port = 0;
  if (address.storage.ss_family == AF_INET6) {
    const auto* six = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    uv_ip6_name(six, host.data(), host.size());
    port = ntohs(six->sin6_port);
    if (with_port) return "[" + std::string(host.data()) + "]:" + std::to_string(port);
  } else {
    const auto* four = reinterpret_cast<const sockaddr_in*>(&address.storage);
    uv_ip4_name(four, host.data(), host.size());
    port = ntohs(four->sin_port);
    if (with_port) return std::string(host.data()) + ":" + std::to_string(port);
  }
  return host.data();
}

std::expected<SocketAddress, std::string> parse_address(const std::string& host,
                                                        std::uint16_t port) {
  SocketAddress address;
  if (uv_ip4_addr(host.c_str(), port, reinterpret_cast<sockaddr_in*>(&address.storage)) == 0)
    return address;
  if (uv_ip6_addr(host.c_str(), port, reinterpret_cast<sockaddr_in6*>(&address.storage)) == 0)
    return address;
  return std::unexpected("not an address");
}

}  // namespace bivouac::firmware
