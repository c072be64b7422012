// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/mbed.h"

#include <array>
#include <chrono>

#include <mbedtls/error.h>
#include <mbedtls/version.h>
#include <psa/crypto.h>

#include "firmware/crypto/credentials.h"
#include "firmware/platform/text.h"

namespace bivouac::firmware {

namespace {
constexpr unsigned oldest_version = 0x03060600;  // 3.6.6
}

std::expected<void, std::string> start_crypto() {
  if (mbedtls_version_get_number() < oldest_version) {
    std::array<char, 18> text{};
    mbedtls_version_get_string_full(text.data());
    return std::unexpected(
        filled("{} is older than 3.6.6, with which a client can get in without a certificate: "
               "install the current security update",
               text.data()));
  }
  if (psa_crypto_init() != PSA_SUCCESS) {
    return std::unexpected("the cryptographic library found no source of randomness");
  }
  return {};
}

bool random_bytes(void* out, std::size_t size) {
  return psa_generate_random(static_cast<std::uint8_t*>(out), size) == PSA_SUCCESS;
}

namespace mbed {

std::string error_text(int code) {
  std::array<char, 160> text{};
  mbedtls_strerror(code, text.data(), text.size());
  return text.data();
}

int random(void* /*unused*/, unsigned char* out, std::size_t size) {
  return random_bytes(out, size) ? 0 : MBEDTLS_ERR_ERROR_GENERIC_ERROR;
}

WallMs to_wall(const mbedtls_x509_time& time) {
  using namespace std::chrono;
  const auto day = sys_days(year_month_day(year(time.year), month(static_cast<unsigned>(time.mon)),
                                           std::chrono::day(static_cast<unsigned>(time.day))));
  const auto instant = day + hours(time.hour) + minutes(time.min) + seconds(time.sec);
  return {duration_cast<milliseconds>(instant.time_since_epoch()).count()};
}

std::string to_text(WallMs time) { return utc_text(time); }

namespace {
const unsigned char* raw(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.c_str());
}
}  // namespace

int parse_pem(mbedtls_x509_crt* out, const std::string& pem) {
  return mbedtls_x509_crt_parse(out, raw(pem), pem.size() + 1);
}
int parse_pem(mbedtls_x509_crl* out, const std::string& pem) {
  return mbedtls_x509_crl_parse(out, raw(pem), pem.size() + 1);
}
int parse_pem(mbedtls_x509_csr* out, const std::string& pem) {
  return mbedtls_x509_csr_parse(out, raw(pem), pem.size() + 1);
}
int parse_pem(mbedtls_pk_context* out, const std::string& pem) {
  return mbedtls_pk_parse_key(out, raw(pem), pem.size() + 1, nullptr, 0, random, nullptr);
}

std::string subject_text(const mbedtls_x509_crt& certificate) {
  std::array<char, 256> text{};
  const int size = mbedtls_x509_dn_gets(text.data(), text.size(), &certificate.subject);
  if (size < 0) return "?";
  // A stranger chose these bytes; nothing of them may forge a line of the log.
  std::string clean(text.data(), static_cast<std::size_t>(size));
  for (char& c : clean) {
    if (c < ' ' || c > '~') c = '?';
  }
  return clean;
}

}  // namespace mbed
}  // namespace bivouac::firmware
