// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <mutex>

#include "firmware/crypto/credentials.h"
#include "firmware/crypto/mbed.h"

namespace bivouac::firmware {

/// Everything parsed, for one lane of the pool. The library caches inside keys and curve groups
/// while it computes, so no two handshakes may use one set at the same time; a lane runs one at a
/// time.
class CredentialSet {
 public:
  mbed::Certificate own;
  mbed::Key key;
  mbed::Certificate authorities;
  mbed::RevocationLists revocations;
  mbed::SslConfig dialling;
  mbed::SslConfig listening;
  bool has_revocations = false;
};

/// Signatures and curves of our profile, for certificates.
const mbedtls_x509_crt_profile& certificate_profile();

struct Credentials::Inside {
  CredentialFiles files;
  std::string certificate_pem;
  std::string key_pem;
  std::string ca_pem;
  std::string crl_pem;
  std::string identity;
  WallMs expires;
  WallMs revocations_end = {INT64_MAX};  // earliest nextUpdate
  WallMs clock_floor;

  Inside() = default;
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  /// The set of a lane, parsed at its first use: about a millisecond. Null when memory is short.
  std::shared_ptr<CredentialSet> set_of(std::size_t lane) const;

 private:
  mutable std::mutex mutex_;
  mutable std::array<std::shared_ptr<CredentialSet>, lanes_max> sets_;
};

/// Parses the texts of `inside` and sets up both TLS configurations; null when something fails.
std::shared_ptr<CredentialSet> make_set(const Credentials::Inside& inside);

}  // namespace bivouac::firmware
