// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/sealer.h"

#include <catch2/catch_test_macros.hpp>

#include "firmware/crypto/credentials.h"

namespace bivouac::firmware {
namespace {

const store::Key record = store::keys_key(IdentityNumber{5});

SealingKey counting_key() {
  SealingKey key;
  for (std::size_t i = 0; i < key.value.size(); ++i) key.value[i] = static_cast<std::uint8_t>(i);
  return key;
}

}  // namespace

// Made by OpenSSL 3: key 00 01 .. 1f, nonce a0 .. ab, the 24 bytes of the record's key as
// associated data.
TEST_CASE("what another implementation sealed is opened") {
  const Bytes sealed{0x01, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab,
                     0x92, 0x70, 0x15, 0x5f, 0x31, 0xb2, 0x2f, 0xcb, 0x15, 0x0a, 0xa7, 0xb1, 0x7e,
                     0x0e, 0xa5, 0xad, 0x50, 0xc3, 0x3f, 0x30, 0xf3, 0xd9, 0x62, 0x09, 0xf2, 0x78,
                     0x43, 0xea, 0x10, 0xdb, 0x10, 0x20, 0xdd, 0x78, 0x60, 0x4d, 0xe5, 0x5f, 0xea,
                     0x5a, 0xe9, 0xa5, 0xe9, 0x36, 0x6f, 0x18, 0xf4, 0x64};
  GcmSealer sealer(counting_key());
  const ByteView expected = as_bytes("thirty-two bytes of an envelope!");
  CHECK(sealer.open(record, sealed) == Bytes(expected.begin(), expected.end()));
}

TEST_CASE("what was sealed opens for the same record and by the same key only") {
  REQUIRE(start_crypto().has_value());
  GcmSealer sealer(counting_key());
  for (const std::size_t size : {0U, 1U, 32U, 1'000U, 70'000U}) {
    const Bytes value(size, 0x5A);
    const auto sealed = sealer.seal(record, value);
    REQUIRE(sealed.has_value());
    CHECK(sealed->size() == 1 + 12 + size + 16);
    CHECK(sealer.open(record, *sealed) == value);
    const auto other_record = store::keys_key(IdentityNumber{6});
    CHECK_FALSE(sealer.open(other_record, *sealed).has_value());
    SealingKey other = counting_key();
    other.value[31] ^= 1;
    CHECK_FALSE(GcmSealer(other).open(record, *sealed).has_value());
  }
}

TEST_CASE("when any bit of a sealed value is flipped, or it is cut, then it does not open") {
  REQUIRE(start_crypto().has_value());
  GcmSealer sealer(counting_key());
  const Bytes sealed = *sealer.seal(record, Bytes(20, 1));
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    CHECK_FALSE(sealer.open(record, changed).has_value());
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    CHECK_FALSE(sealer.open(record, ByteView(sealed).first(size)).has_value());
  }
}

TEST_CASE("when one value is sealed twice then the two have nothing in common") {
  REQUIRE(start_crypto().has_value());
  GcmSealer sealer(counting_key());
  const Bytes first = *sealer.seal(record, Bytes(32, 1));
  const Bytes second = *sealer.seal(record, Bytes(32, 1));
  CHECK(Bytes(first.begin() + 1, first.begin() + 13) !=
        Bytes(second.begin() + 1, second.begin() + 13));
  CHECK(Bytes(first.begin() + 13, first.end()) != Bytes(second.begin() + 13, second.end()));
}

}  // namespace bivouac::firmware
