// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "firmware/crypto/credentials.h"
#include "firmware/crypto/tls_session.h"

namespace bivouac::firmware::cli {

/// One thing that was tried on the way to a partner.
struct ProbeStep {
  enum class Verdict : std::uint8_t { good, untried, bad };
  Verdict verdict = Verdict::bad;
  std::string text;
};

/// TCP, then TLS, up to the first that fails. Blocks for seconds at most. A name is not tried: it
/// takes a resolver, and the only one of this program lives on the daemon's loop.
std::vector<ProbeStep> probe(const std::string& address,
                             std::shared_ptr<const Credentials> credentials, PeerPolicy policy);

}  // namespace bivouac::firmware::cli
