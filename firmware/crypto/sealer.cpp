// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/sealer.h"

#include <mbedtls/gcm.h>

#include "core/base/assert.h"
#include "firmware/crypto/credentials.h"
#include "firmware/crypto/mbed.h"

namespace bivouac::firmware {
namespace {

// format, nonce, ciphertext, tag
constexpr std::uint8_t format = 1;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t ciphertext_at = 1 + nonce_bytes;

}  // namespace

// The library's own key slots are for all threads together; this context is ours alone.
struct GcmSealer::Inside {
  mbed::Owned<mbedtls_gcm_context, mbedtls_gcm_init, mbedtls_gcm_free> context;
};

GcmSealer::GcmSealer(const SealingKey& key) : inside_(std::make_unique<Inside>()) {
  constexpr unsigned bits = 8 * SealingKey::bytes;
  const int code =
      mbedtls_gcm_setkey(inside_->context.get(), MBEDTLS_CIPHER_ID_AES, key.value.data(), bits);
  BIVOUAC_ASSERT(code == 0);
}

GcmSealer::~GcmSealer() = default;

std::optional<Bytes> GcmSealer::seal(const store::Key& key, ByteView value) {
  Bytes sealed(ciphertext_at + value.size() + tag_bytes);
  sealed[0] = format;
  std::uint8_t* nonce = sealed.data() + 1;
  if (!random_bytes(nonce, nonce_bytes)) return std::nullopt;
  std::uint8_t* ciphertext = sealed.data() + ciphertext_at;
  const int code =
      mbedtls_gcm_crypt_and_tag(inside_->context.get(), MBEDTLS_GCM_ENCRYPT, value.size(), nonce,
                                nonce_bytes, key.bytes.data(), key.bytes.size(), value.data(),
                                ciphertext, tag_bytes, ciphertext + value.size());
  if (code != 0) return std::nullopt;
  return sealed;
}

std::optional<Bytes> GcmSealer::open(const store::Key& key, ByteView sealed) {
  if (sealed.size() < ciphertext_at + tag_bytes || sealed[0] != format) return std::nullopt;
  const ByteView nonce = sealed.subspan(1, nonce_bytes);
  const ByteView ciphertext =
      sealed.subspan(ciphertext_at).first(sealed.size() - ciphertext_at - tag_bytes);
  const ByteView tag = sealed.last(tag_bytes);
  Bytes value(ciphertext.size());
  const int code = mbedtls_gcm_auth_decrypt(
      inside_->context.get(), value.size(), nonce.data(), nonce.size(), key.bytes.data(),
      key.bytes.size(), tag.data(), tag.size(), ciphertext.data(), value.data());
  if (code != 0) return std::nullopt;
  return value;
}

}  // namespace bivouac::firmware
