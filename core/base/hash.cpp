// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.h"

#include <array>
#include <bit>

namespace bivouac {
namespace {

std::uint64_t load_le64(const std::uint8_t* p) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{p[i]} << (8 * i);
  return value;
}

struct SipState {
  std::uint64_t a, b, c, d;

  void round() {
    a += b;
    c += d;
    b = std::rotl(b, 13) ^ a;
    d = std::rotl(d, 16) ^ c;
    a = std::rotl(a, 32);
    c += b;
    a += d;
    b = std::rotl(b, 17) ^ c;
    d = std::rotl(d, 21) ^ a;
    c = std::rotl(c, 32);
  }

  void absorb(std::uint64_t word) {
    d ^= word;
    round();
    round();
    a ^= word;
  }
};

/// Eight bytes are taken at once, each through a table of its own: the n-th tells what a byte does
/// to the sum with n bytes behind it.
constexpr std::size_t crc32c_step = 8;
constexpr auto crc32c_tables = [] {
  std::array<std::array<std::uint32_t, 256>, crc32c_step> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    tables[0][i] = crc;
  }
  for (std::size_t n = 1; n < crc32c_step; ++n) {
    for (std::size_t i = 0; i < 256; ++i) {
      const std::uint32_t before = tables[n - 1][i];
      tables[n][i] = (before >> 8) ^ tables[0][before & 0xFFU];
    }
  }
  return tables;
}();

}  // namespace

std::uint64_t siphash(std::uint64_t key0, std::uint64_t key1, ByteView bytes) {
  SipState state{key0 ^ 0x736f6d6570736575U, key1 ^ 0x646f72616e646f6dU, key0 ^ 0x6c7967656e657261U,
                 key1 ^ 0x7465646279746573U};
  std::size_t offset = 0;
  for (; offset + 8 <= bytes.size(); offset += 8) state.absorb(load_le64(bytes.data() + offset));
  std::uint64_t last = std::uint64_t{bytes.size() & 0xFFU} << 56U;
  for (unsigned shift = 0; offset < bytes.size(); ++offset, shift += 8) {
    last |= std::uint64_t{bytes[offset]} << shift;
  }
  state.absorb(last);
  state.c ^= 0xFFU;
  for (int i = 0; i < 4; ++i) state.round();
  return state.a ^ state.b ^ state.c ^ state.d;
}

std::uint32_t crc32c(ByteView bytes, std::uint32_t previous) {
  std::uint32_t crc = ~previous;
  for (; bytes.size() >= crc32c_step; bytes = bytes.subspan(crc32c_step)) {
    const std::uint64_t word = load_le64(bytes.data()) ^ crc;
    crc = 0;
    for (std::size_t i = 0; i < crc32c_step; ++i) {
      crc ^= crc32c_tables[crc32c_step - 1 - i][(word >> (8 * i)) & 0xFFU];
    }
  }
  for (const std::uint8_t byte : bytes) crc = (crc >> 8) ^ crc32c_tables[0][(crc ^ byte) & 0xFFU];
  return ~crc;
}

}  // namespace bivouac
