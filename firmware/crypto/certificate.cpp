// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/certificate.h"

#include <array>

#include <mbedtls/md.h>
#include <mbedtls/oid.h>

#include "core/base/identity.h"

namespace bivouac::firmware {

namespace {

std::string printable(const mbedtls_x509_buf& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.len && i < 200; ++i) {
    const char c = static_cast<char>(bytes.p[i]);
    text += c < '!' || c > '~' ? '?' : c;
  }
  return text;
}

bool is_uri(const mbedtls_x509_sequence& name) {
  return (name.buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) ==
         MBEDTLS_X509_SAN_UNIFORM_RESOURCE_IDENTIFIER;
}

}  // namespace

std::expected<std::string, std::string> uri_name(const mbedtls_x509_sequence& names) {
  const mbedtls_x509_buf* found = nullptr;
  for (const mbedtls_x509_sequence* name = &names; name != nullptr; name = name->next) {
    if (name->buf.p == nullptr || !is_uri(*name)) continue;
    if (found != nullptr) return std::unexpected("more than one URI subject alternative name");
    found = &name->buf;
  }
  if (found == nullptr) return std::unexpected("no URI subject alternative name");
  return std::string(reinterpret_cast<const char*>(found->p), found->len);
}

std::expected<std::string, std::string> identity_of(const mbedtls_x509_crt& certificate) {
  auto uri = uri_name(certificate.subject_alt_names);
  if (!uri) return uri;
  if (auto system = canonical_system(*uri)) return *system;
  if (auto identity = canonical_identity(*uri)) return *identity;
  return std::unexpected(
      "the URI subject alternative name is neither sip:HOST, sip:USER@HOST nor tel:+NUMBER");
}

bool has_purpose(const mbedtls_x509_crt& certificate, Purpose purpose) {
  if (mbedtls_x509_crt_has_ext_type(&certificate, MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE) == 0)
    return false;
  const bool client = purpose == Purpose::client_auth;
  const char* oid = client ? MBEDTLS_OID_CLIENT_AUTH : MBEDTLS_OID_SERVER_AUTH;
  const std::size_t size = client ? MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH)
                                  : MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH);
  return mbedtls_x509_crt_check_extended_key_usage(&certificate, oid, size) == 0;
}

bool has_known_curve(const mbedtls_pk_context& key) {
  if (mbedtls_pk_can_do(&key, MBEDTLS_PK_ECDSA) == 0) return false;
  const mbedtls_ecp_group_id curve = mbedtls_ecp_keypair_get_group_id(mbedtls_pk_ec(key));
  return curve == MBEDTLS_ECP_DP_SECP256R1 || curve == MBEDTLS_ECP_DP_SECP384R1;
}

std::expected<void, std::string> check_signing_request(const mbedtls_x509_csr& request) {
  constexpr const char* damaged = "the signing request is damaged";
  if (!has_known_curve(request.pk)) {
    return std::unexpected("the key of the signing request is not an EC key on P-256 or P-384");
  }
  unsigned char* at = request.cri.p + request.cri.len;
  const unsigned char* end = request.raw.p + request.raw.len;
  mbedtls_asn1_buf algorithm{};
  mbedtls_asn1_buf parameters{};
  std::size_t signature_size = 0;
  if (mbedtls_asn1_get_alg(&at, end, &algorithm, &parameters) != 0 ||
      mbedtls_asn1_get_bitstring_null(&at, end, &signature_size) != 0) {
    return std::unexpected(damaged);
  }
  mbedtls_md_type_t digest_type = MBEDTLS_MD_NONE;
  mbedtls_pk_type_t key_type = MBEDTLS_PK_NONE;
  if (mbedtls_oid_get_sig_alg(&algorithm, &digest_type, &key_type) != 0 ||
      key_type != MBEDTLS_PK_ECDSA) {
    return std::unexpected("the signing request is not signed with ECDSA");
  }
  const mbedtls_md_info_t* info = mbedtls_md_info_from_type(digest_type);
  std::array<unsigned char, MBEDTLS_MD_MAX_SIZE> digest{};
  if (info == nullptr || mbedtls_md(info, request.cri.p, request.cri.len, digest.data()) != 0) {
    return std::unexpected(damaged);
  }
  // The library takes the key as mutable only for its caches; this request belongs to one caller.
  auto* key = const_cast<mbedtls_pk_context*>(&request.pk);
  if (mbedtls_pk_verify(key, digest_type, digest.data(), mbedtls_md_get_size(info), at,
                        signature_size) != 0) {
    return std::unexpected("the signing request is not signed by its own key");
  }
  return {};
}

std::string describe(const mbedtls_x509_crt& certificate) {
  std::string text = mbed::subject_text(certificate);
  const mbedtls_x509_sequence* name = &certificate.subject_alt_names;
  for (; name != nullptr; name = name->next) {
    if (name->buf.p != nullptr && is_uri(*name)) text += ", URI " + printable(name->buf);
  }
  return text;
}

}  // namespace bivouac::firmware
