// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "firmware/crypto/credential_set.h"
#include "firmware/crypto/peer_policy.h"

namespace bivouac::firmware {

/// Judges the chain of a peer where the library alone would not do: dates by our own idea of time
/// (the library asks time()), a revocation list that must exist, key purpose that must be named,
/// and the identity. The first thing that is wrong is the one that is told.
class PeerJudge {
 public:
  PeerJudge(const Credentials::Inside& inside, const CredentialSet& set, TlsRole own_role,
            const PeerPolicy& policy, PeerReport& report)
      : inside_(inside), set_(set), own_role_(own_role), policy_(policy), report_(report) {}

  /// In the form of mbedtls_x509_crt_verify's callback; `self` is a PeerJudge. Called from the
  /// trust anchor (highest depth) down to the peer's own certificate (depth 0).
  static int callback(void* self, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags);

 private:
  void judge(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags);
  bool judge_dates(const mbedtls_x509_crt& certificate, std::uint32_t& flags);
  bool judge_revocation(const mbedtls_x509_crt& certificate, std::uint32_t& flags);
  bool judge_peer(const mbedtls_x509_crt& certificate, std::uint32_t& flags);
  bool judge_identity(const mbedtls_x509_crt& certificate, std::uint32_t& flags);
  bool is_anchor(const mbedtls_x509_crt& certificate) const;
  void fail(engine::HandshakeFailure failure, std::string detail);

  const Credentials::Inside& inside_;
  const CredentialSet& set_;
  TlsRole own_role_;
  const PeerPolicy& policy_;
  PeerReport& report_;
};

}  // namespace bivouac::firmware
