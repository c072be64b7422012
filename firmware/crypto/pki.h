// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "core/base/time.h"

// A throw-away PKI for trials and tests, and the key and signing request of a device. Everything is
// PEM text in and out; files and their modes are the caller's business. ECDSA only.

namespace bivouac::firmware::pki {

/// The error is a sentence for a person.
template <class T>
using Outcome = std::expected<T, std::string>;

enum class Curve : std::uint8_t { p256, p384 };

/// A certificate with the private key that belongs to it.
struct Identity {
  std::string certificate_pem;
  std::string key_pem;
};

struct CaRequest {
  std::string common_name = "Bivouac trial CA";
  WallMs not_before;
  WallMs not_after;
  Curve curve = Curve::p256;
};

struct CertificateRequest {
  std::vector<std::string>
      uris;                 // URI subject alternative names; exactly one for a usable certificate
  std::string common_name;  // shown in logs only
  WallMs not_before;
  WallMs not_after;
  bool client_auth = true;  // extended key usage of the dialling side
  bool server_auth = true;  // extended key usage of the listening side
  Curve curve = Curve::p256;
};

struct DeviceRequest {
  std::string uri;
  std::string common_name;
  Curve curve = Curve::p256;
};

/// A fresh private key, which never leaves the device, and the request to have it certified.
struct KeyAndRequest {
  std::string key_pem;
  std::string request_pem;
};

struct RevocationList {
  std::vector<std::string> revoked_pem;  // certificates of the same CA
  WallMs this_update;
  WallMs next_update;
  std::uint64_t number = 1;
};

/// A self-signed certificate that may sign certificates and revocation lists.
Outcome<Identity> create_ca(const CaRequest& request);

/// A fresh key and its certificate, signed by the CA.
Outcome<Identity> issue(const Identity& ca, const CertificateRequest& request);

/// The certificate for a request made on a device. What it certifies is `request`, not the wishes
/// in the signing request, of which only the public key and the proof of possession count.
Outcome<std::string> certify(const Identity& ca, const std::string& request_pem,
                             const CertificateRequest& request);

Outcome<KeyAndRequest> create_request(const DeviceRequest& request);

/// A signed list (v2, with number) of what the CA has revoked; an empty one is valid too.
Outcome<std::string> create_revocation_list(const Identity& ca, const RevocationList& list);

/// The URI that a certificate or a signing request carries, as written there; for the command line.
Outcome<std::string> uri_of_certificate(const std::string& certificate_pem);
Outcome<std::string> uri_of_request(const std::string& request_pem);

}  // namespace bivouac::firmware::pki
