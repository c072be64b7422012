// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What only the runtime can measure, handed to the core with an operator's request so that the
// answer stays a pure function of the event.

namespace bivouac::engine {

/// Why a connection or a handshake was refused before it reached the core. Names as in `status`.
enum class HandshakeFailure : std::uint8_t {
  no_certificate,
  unknown_ca,
  expired,
  not_yet_valid,
  wrong_san,
  wrong_eku,
  revoked,
  crl_missing,
  protocol_version,
  timed_out,
  rate_limited,
  too_many,
  peer_closed,
  other,
  count_,
};

std::string_view name(HandshakeFailure failure);

struct ConnectionTelemetry {
  std::uint32_t connection = 0;
  std::uint64_t queue_bytes = 0;
  std::int64_t certificate_expires_ms = 0;  // wall
  std::string tls_version;                  // "TLSv1.3"
  std::string address;
};

struct Telemetry {
  std::array<std::uint64_t, static_cast<std::size_t>(HandshakeFailure::count_)>
      handshake_failures{};
  std::uint64_t handshakes = 0;
  std::uint64_t full_queues = 0;  // closed since too much waited to leave: Cause::queue_full
  std::uint64_t commits = 0;
  std::uint64_t commit_bytes = 0;
  std::uint64_t sync_last_us = 0;
  std::uint64_t sync_max_us = 0;
  std::uint64_t store_bytes = 0;
  std::uint64_t store_free_bytes = 0;
  std::uint64_t loop_lag_max_us = 0;
  std::uint64_t resident_bytes = 0;
  std::int64_t own_certificate_expires_ms = 0;
  std::vector<std::string> store_losses;  // what a salvage could not save
  std::vector<ConnectionTelemetry> connections;
};

}  // namespace bivouac::engine
