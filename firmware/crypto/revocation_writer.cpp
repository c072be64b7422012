// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/revocation_writer.h"

#include <array>
#include <chrono>

#include <mbedtls/asn1write.h>
#include <mbedtls/md.h>
#include <mbedtls/oid.h>

#include "firmware/platform/text.h"

namespace bivouac::firmware {

namespace {

constexpr unsigned char sequence = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE;

/// Writes DER from the end of a buffer to its start, as the library's functions do. The first error
/// sticks; nothing is written after it.
class BackwardWriter {
 public:
  explicit BackwardWriter(std::size_t size) : buffer_(size), at_(buffer_.data() + size) {}

  void raw(const unsigned char* bytes, std::size_t size) {
    keep(code_ < 0 ? code_ : mbedtls_asn1_write_raw_buffer(&at_, buffer_.data(), bytes, size));
  }
  /// Length and tag around all that was written since `mark`.
  void wrap(std::size_t mark, unsigned char tag) {
    const std::size_t size = written() - mark;
    keep(code_ < 0 ? code_ : mbedtls_asn1_write_len(&at_, buffer_.data(), size));
    keep(code_ < 0 ? code_ : mbedtls_asn1_write_tag(&at_, buffer_.data(), tag));
  }
  void tagged(unsigned char tag, const unsigned char* bytes, std::size_t size) {
    const std::size_t mark = written();
    raw(bytes, size);
    wrap(mark, tag);
  }
  void oid(const char* bytes, std::size_t size) {
    tagged(MBEDTLS_ASN1_OID, reinterpret_cast<const unsigned char*>(bytes), size);
  }
  /// An unsigned big-endian number: leading zeros dropped, one put back before a set top bit.
  void integer(std::string_view bytes) {
    while (bytes.size() > 1 && bytes.front() == '\0') bytes.remove_prefix(1);
    const std::size_t mark = written();
    raw(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    if (!bytes.empty() && (static_cast<unsigned char>(bytes.front()) & 0x80) != 0) {
      const unsigned char zero = 0;
      raw(&zero, 1);
    }
    wrap(mark, MBEDTLS_ASN1_INTEGER);
  }
  void time(WallMs when) {
    using namespace std::chrono;
    const auto instant = floor<seconds>(sys_time(milliseconds(when.ms)));
    const bool short_year = year_month_day(floor<days>(instant)).year() < year(2050);
    const std::string text = utc_digits(when).substr(short_year ? 2 : 0) + "Z";
    tagged(short_year ? MBEDTLS_ASN1_UTC_TIME : MBEDTLS_ASN1_GENERALIZED_TIME,
           reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }

  std::size_t written() const {
    return static_cast<std::size_t>(buffer_.data() + buffer_.size() - at_);
  }
  bool failed() const { return code_ < 0; }
  ByteView bytes() const { return {at_, written()}; }

 private:
  void keep(int code) {
    if (code < 0) code_ = code;
  }

  Bytes buffer_;
  unsigned char* at_;
  int code_ = 0;
};

void write_algorithm(BackwardWriter& out) {
  const std::size_t mark = out.written();
  out.oid(MBEDTLS_OID_ECDSA_SHA256, MBEDTLS_OID_SIZE(MBEDTLS_OID_ECDSA_SHA256));
  out.wrap(mark, sequence);
}

void write_extensions(BackwardWriter& out, const mbedtls_x509_crt& ca, std::uint64_t number) {
  const std::size_t all = out.written();
  {
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) bytes[7 - i] = static_cast<char>(number >> (8 * i));
    const std::size_t mark = out.written();
    out.integer(bytes);
    out.wrap(mark, MBEDTLS_ASN1_OCTET_STRING);
    out.oid(MBEDTLS_OID_CRL_NUMBER, MBEDTLS_OID_SIZE(MBEDTLS_OID_CRL_NUMBER));
    out.wrap(mark, sequence);
  }
  if (ca.subject_key_id.len > 0) {
    const std::size_t mark = out.written();
    out.tagged(MBEDTLS_ASN1_CONTEXT_SPECIFIC, ca.subject_key_id.p, ca.subject_key_id.len);
    out.wrap(mark, sequence);
    out.wrap(mark, MBEDTLS_ASN1_OCTET_STRING);
    out.oid(MBEDTLS_OID_AUTHORITY_KEY_IDENTIFIER,
            MBEDTLS_OID_SIZE(MBEDTLS_OID_AUTHORITY_KEY_IDENTIFIER));
    out.wrap(mark, sequence);
  }
  out.wrap(all, sequence);
  out.wrap(all, MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_ASN1_CONSTRUCTED);
}

void write_entries(BackwardWriter& out, const std::vector<std::string>& serials, WallMs revoked) {
  if (serials.empty()) return;  // an empty sequence is not allowed
  const std::size_t all = out.written();
  for (const std::string& serial : serials) {
    const std::size_t mark = out.written();
    out.time(revoked);
    out.integer(serial);
    out.wrap(mark, sequence);
  }
  out.wrap(all, sequence);
}

}  // namespace

std::expected<Bytes, std::string> write_revocation_list(mbedtls_x509_crt* ca,
                                                        mbedtls_pk_context* key,
                                                        const std::vector<std::string>& serials,
                                                        WallMs this_update, WallMs next_update,
                                                        std::uint64_t number) {
  const std::size_t size_max = 1024 + ca->subject_raw.len + serials.size() * 64;
  BackwardWriter body(size_max);
  write_extensions(body, *ca, number);
  write_entries(body, serials, this_update);
  body.time(next_update);
  body.time(this_update);
  body.raw(ca->subject_raw.p, ca->subject_raw.len);
  write_algorithm(body);
  body.integer(std::string_view("\1", 1));  // version 2
  body.wrap(0, sequence);
  if (body.failed()) return std::unexpected("the revocation list is too long");

  std::array<unsigned char, 32> digest{};
  std::array<unsigned char, MBEDTLS_PK_SIGNATURE_MAX_SIZE> signature{};
  std::size_t signature_size = 0;
  int code = mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), body.bytes().data(),
                        body.bytes().size(), digest.data());
  if (code == 0) {
    code = mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, digest.data(), digest.size(), signature.data(),
                           signature.size(), &signature_size, mbed::random, nullptr);
  }
  if (code != 0)
    return std::unexpected("cannot sign the revocation list: " + mbed::error_text(code));

  BackwardWriter out(size_max + signature.size());
  out.raw(signature.data(), signature_size);
  const unsigned char unused_bits = 0;
  out.raw(&unused_bits, 1);
  out.wrap(0, MBEDTLS_ASN1_BIT_STRING);
  write_algorithm(out);
  out.raw(body.bytes().data(), body.bytes().size());
  out.wrap(0, sequence);
  if (out.failed()) return std::unexpected("the revocation list is too long");
  return Bytes(out.bytes().begin(), out.bytes().end());
}

}  // namespace bivouac::firmware
