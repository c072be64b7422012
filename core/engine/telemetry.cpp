// SPDX-License-Identifier: Apache-2.0
#include "core/engine/telemetry.h"

namespace bivouac::engine {

std::string_view name(HandshakeFailure failure) {
  switch (failure) {
    case HandshakeFailure::no_certificate: return "no_certificate";
    case HandshakeFailure::unknown_ca: return "unknown_ca";
    case HandshakeFailure::expired: return "expired";
    case HandshakeFailure::not_yet_valid: return "not_yet_valid";
    case HandshakeFailure::wrong_san: return "wrong_san";
    case HandshakeFailure::wrong_eku: return "wrong_eku";
    case HandshakeFailure::revoked: return "revoked";
    case HandshakeFailure::crl_missing: return "crl_missing";
    case HandshakeFailure::protocol_version: return "protocol_version";
    case HandshakeFailure::timed_out: return "timed_out";
    case HandshakeFailure::rate_limited: return "rate_limited";
    case HandshakeFailure::too_many: return "too_many";
    case HandshakeFailure::peer_closed: return "peer_closed";
    case HandshakeFailure::other: return "other";
    case HandshakeFailure::count_: break;
  }
  return "unnamed";
}

}  // namespace bivouac::engine
