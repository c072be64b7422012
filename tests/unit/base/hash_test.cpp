// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.h"

#include <array>
#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;

namespace {

// The key of the published vectors: bytes 00 01 .. 0f.
constexpr std::uint64_t key0 = 0x0706050403020100U;
constexpr std::uint64_t key1 = 0x0f0e0d0c0b0a0908U;

Bytes counting(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return bytes;
}

}  // namespace

TEST_CASE("when the published SipHash-2-4 inputs are hashed then the published values come out",
          "[hash]") {
  CHECK(siphash(key0, key1, counting(0)) == 0x726fdb47dd0e0e31U);
  CHECK(siphash(key0, key1, counting(1)) == 0x74f839c593dc67fdU);
  CHECK(siphash(key0, key1, counting(7)) == 0xab0200f58b01d137U);
  CHECK(siphash(key0, key1, counting(8)) == 0x93f5f5799a932462U);
  CHECK(siphash(key0, key1, counting(15)) == 0xa129ca6149be45e5U);
  CHECK(siphash(key0, key1, counting(63)) == 0x958a324ceb064572U);
}

TEST_CASE("when the key differs then so does the hash", "[hash]") {
  CHECK(siphash(key0, key1, counting(8)) != siphash(key0 + 1, key1, counting(8)));
  CHECK(siphash(key0, key1, counting(8)) != siphash(key0, key1 + 1, counting(8)));
}

TEST_CASE("when the published CRC-32C inputs are summed then the published values come out",
          "[hash]") {
  CHECK(crc32c({}) == 0);
  CHECK(crc32c(as_bytes("123456789")) == 0xE3069283U);
  CHECK(crc32c(Bytes(32, 0x00)) == 0x8A9136AAU);
  CHECK(crc32c(Bytes(32, 0xFF)) == 0x62A8AB43U);
  CHECK(crc32c(counting(32)) == 0x46DD794EU);
}

TEST_CASE("when bytes are summed in two parts then the sum is that of the whole", "[hash]") {
  const Bytes bytes = counting(100);
  const ByteView whole = bytes;
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    CHECK(crc32c(whole.subspan(cut), crc32c(whole.first(cut))) == crc32c(whole));
  }
}
