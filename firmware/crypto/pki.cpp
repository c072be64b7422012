// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/pki.h"

#include <array>
#include <memory>

#include <mbedtls/oid.h>
#include <mbedtls/pem.h>

#include "firmware/crypto/certificate.h"
#include "firmware/crypto/credentials.h"
#include "firmware/crypto/mbed.h"
#include "firmware/crypto/revocation_writer.h"
#include "firmware/platform/text.h"

namespace bivouac::firmware::pki {

namespace {

constexpr std::size_t pem_bytes_max = 8 * 1024;

using CertificateWriter =
    mbed::Owned<mbedtls_x509write_cert, mbedtls_x509write_crt_init, mbedtls_x509write_crt_free>;
using RequestWriter =
    mbed::Owned<mbedtls_x509write_csr, mbedtls_x509write_csr_init, mbedtls_x509write_csr_free>;

std::unexpected<std::string> failed(const char* what, int code) {
  return std::unexpected(filled("{}: {}", what, mbed::error_text(code)));
}

std::string x509_time(WallMs time) { return utc_digits(time); }

/// A common name as the library's name parser reads it.
std::string name_text(const std::string& common_name) {
  std::string text = "CN=";
  for (const char c : common_name) {
    if (c == ',' || c == '\\' || c == '+' || c == '=' || c == '#' || c == '"') text += '\\';
    text += c;
  }
  return text;
}

int generate_key(mbedtls_pk_context* key, Curve curve) {
  const int code = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
  if (code != 0) return code;
  return mbedtls_ecp_gen_key(
      curve == Curve::p256 ? MBEDTLS_ECP_DP_SECP256R1 : MBEDTLS_ECP_DP_SECP384R1,
      mbedtls_pk_ec(*key), mbed::random, nullptr);
}

Outcome<std::string> key_pem(mbedtls_pk_context* key) {
  std::array<unsigned char, 1024> out{};
  const int code = mbedtls_pk_write_key_pem(key, out.data(), out.size());
  if (code != 0) return failed("cannot write the private key", code);
  return reinterpret_cast<const char*>(out.data());
}

/// The list of URI names in the library's linked form; the strings must outlive it.
class UriNames {
 public:
  explicit UriNames(const std::vector<std::string>& uris) : nodes_(uris.size()) {
    for (std::size_t i = 0; i < uris.size(); ++i) {
      nodes_[i].node.type = MBEDTLS_X509_SAN_UNIFORM_RESOURCE_IDENTIFIER;
      mbedtls_asn1_buf& name = nodes_[i].node.san.unstructured_name;
      name.tag = MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_X509_SAN_UNIFORM_RESOURCE_IDENTIFIER;
      name.p = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(uris[i].data()));
      name.len = uris[i].size();
      nodes_[i].next = i + 1 < uris.size() ? &nodes_[i + 1] : nullptr;
    }
  }
  mbedtls_x509_san_list* list() { return nodes_.empty() ? nullptr : nodes_.data(); }

 private:
  std::vector<mbedtls_x509_san_list> nodes_;
};

int set_key_purposes(mbedtls_x509write_cert* writer, const CertificateRequest& request) {
  std::array<mbedtls_asn1_sequence, 2> purposes{};
  std::size_t count = 0;
  const auto add = [&](const char* oid, std::size_t size) {
    purposes[count].buf = {MBEDTLS_ASN1_OID, size,
                           const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(oid))};
    if (count > 0) purposes[count - 1].next = &purposes[count];
    ++count;
  };
  if (request.client_auth) add(MBEDTLS_OID_CLIENT_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH));
  if (request.server_auth) add(MBEDTLS_OID_SERVER_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH));
  if (count == 0) return 0;
  return mbedtls_x509write_crt_set_ext_key_usage(writer, purposes.data());
}

/// Fields that a certificate of any kind has; 0 or the library's error.
int set_common(mbedtls_x509write_cert* writer, WallMs not_before, WallMs not_after) {
  std::array<unsigned char, 16> serial{};
  if (!random_bytes(serial.data(), serial.size())) return MBEDTLS_ERR_PK_BAD_INPUT_DATA;
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7F) | 0x01);  // positive, not zero
  mbedtls_x509write_crt_set_version(writer, MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(writer, MBEDTLS_MD_SHA256);
  int code = mbedtls_x509write_crt_set_serial_raw(writer, serial.data(), serial.size());
  if (code == 0) {
    code = mbedtls_x509write_crt_set_validity(writer, x509_time(not_before).c_str(),
                                              x509_time(not_after).c_str());
  }
  return code;
}

Outcome<std::string> certificate_pem(mbedtls_x509write_cert* writer) {
  std::vector<unsigned char> out(pem_bytes_max);
  const int code = mbedtls_x509write_crt_pem(writer, out.data(), out.size(), mbed::random, nullptr);
  if (code != 0) return failed("cannot sign the certificate", code);
  return reinterpret_cast<const char*>(out.data());
}

/// CA certificate and key, parsed and matched.
struct Authority {
  mbed::Certificate certificate;
  mbed::Key key;
};

Outcome<std::unique_ptr<Authority>> open_ca(const Identity& ca) {
  auto authority = std::make_unique<Authority>();
  if (const int code = mbed::parse_pem(authority->certificate.get(), ca.certificate_pem);
      code != 0) {
    return failed("the CA certificate cannot be read", code);
  }
  if (const int code = mbed::parse_pem(authority->key.get(), ca.key_pem); code != 0) {
    return failed("the CA key cannot be read", code);
  }
  if (mbedtls_pk_check_pair(&authority->certificate->pk, authority->key.get(), mbed::random,
                            nullptr) != 0) {
    return std::unexpected("the CA key does not belong to the CA certificate");
  }
  if (mbedtls_x509_crt_get_ca_istrue(authority->certificate.get()) != 1) {
    return std::unexpected("the CA certificate is not one of a certificate authority");
  }
  return authority;
}

Outcome<std::string> sign_for(Authority& ca, mbedtls_pk_context* subject_key,
                              const CertificateRequest& request) {
  CertificateWriter writer;
  UriNames names(request.uris);
  std::array<char, 512> issuer{};
  if (mbedtls_x509_dn_gets(issuer.data(), issuer.size(), &ca.certificate->subject) < 0) {
    return std::unexpected("the CA's subject name is too long");
  }
  mbedtls_x509write_crt_set_subject_key(writer.get(), subject_key);
  mbedtls_x509write_crt_set_issuer_key(writer.get(), ca.key.get());
  int code = set_common(writer.get(), request.not_before, request.not_after);
  if (code == 0) {
    code = mbedtls_x509write_crt_set_subject_name(writer.get(),
                                                  name_text(request.common_name).c_str());
  }
  if (code == 0) code = mbedtls_x509write_crt_set_issuer_name(writer.get(), issuer.data());
  if (code == 0) code = mbedtls_x509write_crt_set_basic_constraints(writer.get(), 0, -1);
  if (code == 0) code = mbedtls_x509write_crt_set_subject_key_identifier(writer.get());
  if (code == 0) code = mbedtls_x509write_crt_set_authority_key_identifier(writer.get());
  if (code == 0) {
    code = mbedtls_x509write_crt_set_key_usage(writer.get(), MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
  }
  if (code == 0) code = set_key_purposes(writer.get(), request);
  if (code == 0 && names.list() != nullptr) {
    code = mbedtls_x509write_crt_set_subject_alternative_name(writer.get(), names.list());
  }
  if (code != 0) return failed("cannot make the certificate", code);
  return certificate_pem(writer.get());
}

}  // namespace

Outcome<Identity> create_ca(const CaRequest& request) {
  mbed::Key key;
  if (const int code = generate_key(key.get(), request.curve); code != 0) {
    return failed("cannot make a key", code);
  }
  CertificateWriter writer;
  const std::string name = name_text(request.common_name);
  mbedtls_x509write_crt_set_subject_key(writer.get(), key.get());
  mbedtls_x509write_crt_set_issuer_key(writer.get(), key.get());
  int code = set_common(writer.get(), request.not_before, request.not_after);
  if (code == 0) code = mbedtls_x509write_crt_set_subject_name(writer.get(), name.c_str());
  if (code == 0) code = mbedtls_x509write_crt_set_issuer_name(writer.get(), name.c_str());
  if (code == 0) code = mbedtls_x509write_crt_set_basic_constraints(writer.get(), 1, -1);
  if (code == 0) code = mbedtls_x509write_crt_set_subject_key_identifier(writer.get());
  if (code == 0) {
    code = mbedtls_x509write_crt_set_key_usage(
        writer.get(), MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN);
  }
  if (code != 0) return failed("cannot make the CA certificate", code);
  auto certificate = certificate_pem(writer.get());
  if (!certificate) return std::unexpected(certificate.error());
  auto pem = key_pem(key.get());
  if (!pem) return std::unexpected(pem.error());
  return Identity{std::move(*certificate), std::move(*pem)};
}

Outcome<Identity> issue(const Identity& ca, const CertificateRequest& request) {
  auto authority = open_ca(ca);
  if (!authority) return std::unexpected(authority.error());
  mbed::Key key;
  if (const int code = generate_key(key.get(), request.curve); code != 0) {
    return failed("cannot make a key", code);
  }
  auto certificate = sign_for(**authority, key.get(), request);
  if (!certificate) return std::unexpected(certificate.error());
  auto pem = key_pem(key.get());
  if (!pem) return std::unexpected(pem.error());
  return Identity{std::move(*certificate), std::move(*pem)};
}

Outcome<std::string> certify(const Identity& ca, const std::string& request_pem,
                             const CertificateRequest& request) {
  auto authority = open_ca(ca);
  if (!authority) return std::unexpected(authority.error());
  mbed::SigningRequest signing_request;
  if (const int code = mbed::parse_pem(signing_request.get(), request_pem); code != 0) {
    return failed("the signing request cannot be read", code);
  }
  if (auto proof = check_signing_request(*signing_request.get()); !proof) {
    return std::unexpected(proof.error());
  }
  return sign_for(**authority, &signing_request->pk, request);
}

Outcome<KeyAndRequest> create_request(const DeviceRequest& request) {
  mbed::Key key;
  int code = generate_key(key.get(), request.curve);
  if (code != 0) return failed("cannot make a key", code);
  RequestWriter writer;
  const std::vector<std::string> uris = {request.uri};
  UriNames names(uris);
  mbedtls_x509write_csr_set_key(writer.get(), key.get());
  mbedtls_x509write_csr_set_md_alg(writer.get(), MBEDTLS_MD_SHA256);
  code =
      mbedtls_x509write_csr_set_subject_name(writer.get(), name_text(request.common_name).c_str());
  if (code == 0)
    code = mbedtls_x509write_csr_set_subject_alternative_name(writer.get(), names.list());
  std::vector<unsigned char> out(pem_bytes_max);
  if (code == 0) {
    code = mbedtls_x509write_csr_pem(writer.get(), out.data(), out.size(), mbed::random, nullptr);
  }
  if (code != 0) return failed("cannot make the signing request", code);
  auto pem = key_pem(key.get());
  if (!pem) return std::unexpected(pem.error());
  return KeyAndRequest{std::move(*pem), reinterpret_cast<const char*>(out.data())};
}

Outcome<std::string> create_revocation_list(const Identity& ca, const RevocationList& list) {
  auto authority = open_ca(ca);
  if (!authority) return std::unexpected(authority.error());
  std::vector<std::string> serials;
  for (const std::string& pem : list.revoked_pem) {
    mbed::Certificate revoked;
    if (const int code = mbed::parse_pem(revoked.get(), pem); code != 0) {
      return failed("a certificate to revoke cannot be read", code);
    }
    serials.emplace_back(reinterpret_cast<const char*>(revoked->serial.p), revoked->serial.len);
  }
  auto der = write_revocation_list((*authority)->certificate.get(), (*authority)->key.get(),
                                   serials, list.this_update, list.next_update, list.number);
  if (!der) return std::unexpected(der.error());
  std::vector<unsigned char> out(der->size() * 2 + 128);
  std::size_t size = 0;
  const int code =
      mbedtls_pem_write_buffer("-----BEGIN X509 CRL-----\n", "-----END X509 CRL-----\n",
                               der->data(), der->size(), out.data(), out.size(), &size);
  if (code != 0) return failed("cannot write the revocation list", code);
  return reinterpret_cast<const char*>(out.data());
}

Outcome<std::string> uri_of_certificate(const std::string& certificate_pem_text) {
  mbed::Certificate certificate;
  if (const int code = mbed::parse_pem(certificate.get(), certificate_pem_text); code != 0) {
    return failed("the certificate cannot be read", code);
  }
  return uri_name(certificate->subject_alt_names);
}

Outcome<std::string> uri_of_request(const std::string& request_pem) {
  mbed::SigningRequest request;
  if (const int code = mbed::parse_pem(request.get(), request_pem); code != 0) {
    return failed("the signing request cannot be read", code);
  }
  return uri_name(request->subject_alt_names);
}

}  // namespace bivouac::firmware::pki
