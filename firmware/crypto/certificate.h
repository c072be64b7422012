// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>

#include "firmware/crypto/mbed.h"

namespace bivouac::firmware {

/// The one URI among the subject alternative names, as written; none or several is an error in
/// words.
std::expected<std::string, std::string> uri_name(const mbedtls_x509_sequence& names);

/// That URI in canonical form: an MC system ID or an MC service ID (decision 8).
std::expected<std::string, std::string> identity_of(const mbedtls_x509_crt& certificate);

enum class Purpose : std::uint8_t { client_auth, server_auth };

/// Whether the extended key usage names the purpose. The library takes a missing extension for "any
/// purpose"; here it is a no.
bool has_purpose(const mbedtls_x509_crt& certificate, Purpose purpose);

/// A public key that our profile knows: P-256 or P-384.
bool has_known_curve(const mbedtls_pk_context& key);

/// Whether the maker of a signing request holds the private key.
std::expected<void, std::string> check_signing_request(const mbedtls_x509_csr& request);

/// "CN=alpha, URI sip:alpha.example": who a certificate speaks of, for the log.
std::string describe(const mbedtls_x509_crt& certificate);

}  // namespace bivouac::firmware
