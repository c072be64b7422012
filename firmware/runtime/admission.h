// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "core/base/time.h"

namespace bivouac::firmware {

/// Bounds on work for strangers, before TLS says who they are (decision 8).
struct AdmissionLimits {
  double connections_per_s = 50;            // all sources together, sustained
  double connections_burst = 200;           // and at once
  std::size_t waiting_max = 64;             // accepted, not yet authenticated: about 5 KiB each
  std::size_t waiting_per_source_max = 16;  // of one IPv4 address or IPv6 /64
  std::size_t begun_max = 16;               // of these, with a TLS context: about 55 KiB each
  DurationMs client_hello = {3'000};        // from accept to a whole ClientHello
  DurationMs handshake = {10'000};          // from accept (or connect) to the end of the handshake
  DurationMs stalled = {2'000};   // silent this long, a begun handshake yields to a new one
  DurationMs connect = {15'000};  // TCP connect of a dial
};

/// Counts strangers: a token bucket for all, a cap for each source.
class Admission {
 public:
  enum class Verdict : std::uint8_t { admitted, rate_limited, source_full };

  explicit Admission(AdmissionLimits limits) : limits_(limits), tokens_(limits.connections_burst) {}

  /// `source` is source_of() of the peer's address. When admitted, leave() must follow once.
  Verdict enter(MonoMs now, const std::string& source);
  void leave(const std::string& source);

  const AdmissionLimits& limits() const { return limits_; }
  std::size_t waiting() const { return waiting_; }

 private:
  AdmissionLimits limits_;
  double tokens_;
  MonoMs refilled_;
  std::size_t waiting_ = 0;
  std::unordered_map<std::string, std::size_t> per_source_;
};

/// The part of a printed address that one sender can be held to: IPv4 whole, IPv6 its /64.
std::string source_of(const std::string& address);

}  // namespace bivouac::firmware
