// SPDX-License-Identifier: Apache-2.0
// The dialling part of Links. When to dial is the core's decision; here is only how.
#include <charconv>
#include <optional>

#include "firmware/platform/logger.h"
#include "firmware/runtime/links.h"

namespace bivouac::firmware {

namespace {

struct Target {
  std::string host;
  std::uint16_t port = 0;
};

/// "host:port" or "[v6]:port", as the configuration has it checked.
std::optional<Target> split(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  Target target;
  target.host = address.substr(0, colon);
  if (target.host.starts_with('[') && target.host.ends_with(']')) {
    target.host = target.host.substr(1, target.host.size() - 2);
  }
  const char* end = address.data() + address.size();
  if (std::from_chars(address.data() + colon + 1, end, target.port).ptr != end) return std::nullopt;
  return target;
}

}  // namespace

void Links::start_dial(const Dial& dial) {
  const engine::Partner* partner = configuration_->partner(dial.system_id);
  if (partner == nullptr || dial.address >= partner->addresses.size()) {
    return dial_failed(dial.system_id, "no such address is configured");
  }
  if (connections_.size() >= limits::connections_max)
    return dial_failed(dial.system_id, "too many connections");
  const auto target = split(partner->addresses[dial.address]);
  if (!target) return dial_failed(dial.system_id, "the address is not HOST:PORT");
  resolver_.resolve(
      target->host, target->port,
      [this, system_id = dial.system_id, host = target->host](Resolver::Result found) {
        if (!found) return dial_failed(system_id, host + ": " + found.error());
        try_addresses(system_id, std::move(*found));
      });
}

void Links::dial_failed(const std::string& system_id, const std::string& why) {
  if (closing_) return;
  log::info("dial_failed", {{"system", system_id}, {"why", why}});
  emit(engine::DialFailed{system_id});
}

/// The first address now, the others when it comes to nothing.
void Links::try_addresses(const std::string& system_id, std::vector<SocketAddress> addresses) {
  if (closing_) return;
  const ConnectionId id = ids_.draw();
  const SocketAddress first = addresses.front();
  addresses.erase(addresses.begin());
  if (!addresses.empty()) other_addresses_.emplace(id, std::move(addresses));
  const auto connection = std::make_shared<Connection>(*this, id, TlsRole::dialling, system_id);
  connections_.emplace(id, connection);
  connection->connect(first);
  keep_sweeping();
}

}  // namespace bivouac::firmware
