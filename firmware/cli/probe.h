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
  bool good = false;
  std::string text;
};

/// The name, if it is one, then TCP to the first of its addresses that answers, then TLS; up to the
/// first that fails. Blocks, for seconds at each.
std::vector<ProbeStep> probe(const std::string& address,
                             std::shared_ptr<const Credentials> credentials, PeerPolicy policy);

}  // namespace bivouac::firmware::cli
