// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "core/engine/telemetry.h"

namespace bivouac::firmware {

enum class TlsRole : std::uint8_t { dialling, listening };

/// By what a peer's certificate is judged. A value of its own for each handshake: pool threads read
/// it.
struct PeerPolicy {
  WallMs judged_at;           // max(wall, clock floor); the floor while the clock is untrusted
  bool clock_trusted = true;  // otherwise pinned peers only (decision 9)
  std::string expected;       // identity of the partner that we dial; empty: any
  /// Whether an identity is that of a configured partner, or could be that of a user of ours.
  /// Called on a pool thread.
  std::function<bool(const std::string&)> is_pinned;
};

/// What became of a handshake, or of judging a certificate again.
struct PeerReport {
  std::optional<engine::HandshakeFailure> failure;
  std::string detail;    // for the log: certificate, field, date
  std::string identity;  // canonical; when accepted
  WallMs expires;        // the first end in the peer's chain
  std::string tls_version;
  std::vector<Bytes> chain;  // DER, own certificate of the peer first; to judge it again later
};

}  // namespace bivouac::firmware
