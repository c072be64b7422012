// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/credential_set.h"

#include <mbedtls/platform_util.h>
#include <mbedtls/ssl_ciphersuites.h>

namespace bivouac::firmware {

namespace {

// ChaCha20 first: with this library it is faster than AES-GCM even where the processor has AES.
constexpr int cipher_suites[] = {
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    0,
};

constexpr std::uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};

constexpr std::uint16_t signatures[] = {
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
    MBEDTLS_TLS1_3_SIG_NONE,
};

int configure(mbedtls_ssl_config* config, int endpoint, CredentialSet& set) {
  const int code = mbedtls_ssl_config_defaults(config, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM,
                                               MBEDTLS_SSL_PRESET_DEFAULT);
  if (code != 0) return code;
  mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_3);
  // In TLS 1.3 the listening side of this library tells a refusal under the keys of the handshake,
  // which the dialling side has left by then: OpenSSL there reports a bad record MAC. Version 3.6
  // has no setting for it. VERIFY_OPTIONAL and a refusal of our own after the handshake would be
  // readable, but then strangers would be let in first and judged later.
  mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_rng(config, mbed::random, nullptr);
  mbedtls_ssl_conf_ciphersuites(config, cipher_suites);
  mbedtls_ssl_conf_groups(config, groups);
  mbedtls_ssl_conf_sig_algs(config, signatures);
  mbedtls_ssl_conf_cert_profile(config, &certificate_profile());
  mbedtls_ssl_conf_ca_chain(config, set.authorities.get(),
                            set.has_revocations ? set.revocations.get() : nullptr);
  // A resumed session would skip the revocation check (decision 8).
  mbedtls_ssl_conf_tls13_key_exchange_modes(config, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL);
  mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
  // Strangers are not told whom we trust.
  mbedtls_ssl_conf_cert_req_ca_list(config, MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
  return mbedtls_ssl_conf_own_cert(config, set.own.get(), set.key.get());
}

}  // namespace

const mbedtls_x509_crt_profile& certificate_profile() {
  static constexpr mbedtls_x509_crt_profile profile = {
      MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA256) | MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA384) |
          MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA512),
      MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_ECKEY) | MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_ECDSA),
      MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP256R1) |
          MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP384R1),
      0,
  };
  return profile;
}

std::shared_ptr<CredentialSet> make_set(const Credentials::Inside& inside) {
  auto set = std::make_shared<CredentialSet>();
  set->has_revocations = !inside.crl_pem.empty();
  if (mbed::parse_pem(set->own.get(), inside.certificate_pem) != 0) return nullptr;
  if (mbed::parse_pem(set->key.get(), inside.key_pem) != 0) return nullptr;
  if (mbed::parse_pem(set->authorities.get(), inside.ca_pem) != 0) return nullptr;
  if (set->has_revocations && mbed::parse_pem(set->revocations.get(), inside.crl_pem) != 0) {
    return nullptr;
  }
  if (configure(set->dialling.get(), MBEDTLS_SSL_IS_CLIENT, *set) != 0) return nullptr;
  if (configure(set->listening.get(), MBEDTLS_SSL_IS_SERVER, *set) != 0) return nullptr;
  return set;
}

Credentials::Inside::~Inside() { mbedtls_platform_zeroize(key_pem.data(), key_pem.size()); }

std::shared_ptr<CredentialSet> Credentials::Inside::set_of(std::size_t lane) const {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<CredentialSet>& set = sets_[lane % lanes_max];
  if (set == nullptr) set = make_set(*this);
  return set;
}

}  // namespace bivouac::firmware
