// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <mbedtls/asn1.h>
#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crl.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>

#include "core/base/time.h"

// Owners of the library's objects, and small helpers. For firmware/crypto only.

namespace bivouac::firmware::mbed {

/// One object of the library: initialised, freed, never copied or moved.
template <class T, auto Init, auto Free>
class Owned {
 public:
  Owned() { Init(&value_); }
  ~Owned() { Free(&value_); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;

  T* get() { return &value_; }
  const T* get() const { return &value_; }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }

 private:
  T value_;
};

using Certificate = Owned<mbedtls_x509_crt, mbedtls_x509_crt_init, mbedtls_x509_crt_free>;
using RevocationLists = Owned<mbedtls_x509_crl, mbedtls_x509_crl_init, mbedtls_x509_crl_free>;
using SigningRequest = Owned<mbedtls_x509_csr, mbedtls_x509_csr_init, mbedtls_x509_csr_free>;
using Key = Owned<mbedtls_pk_context, mbedtls_pk_init, mbedtls_pk_free>;
using SslConfig = Owned<mbedtls_ssl_config, mbedtls_ssl_config_init, mbedtls_ssl_config_free>;
using Ssl = Owned<mbedtls_ssl_context, mbedtls_ssl_init, mbedtls_ssl_free>;

/// The library's own words for an error code.
std::string error_text(int code);

/// Random source in the form that the library's functions take.
int random(void* unused, unsigned char* out, std::size_t size);

WallMs to_wall(const mbedtls_x509_time& time);
/// "2026-03-01 12:00:00 UTC"
std::string to_text(WallMs time);

/// Parses PEM text; the library wants the terminating zero counted.
int parse_pem(mbedtls_x509_crt* out, const std::string& pem);
int parse_pem(mbedtls_x509_crl* out, const std::string& pem);
int parse_pem(mbedtls_x509_csr* out, const std::string& pem);
int parse_pem(mbedtls_pk_context* out, const std::string& pem);

/// The subject as one printable line.
std::string subject_text(const mbedtls_x509_crt& certificate);

}  // namespace bivouac::firmware::mbed
