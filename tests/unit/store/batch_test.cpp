// SPDX-License-Identifier: Apache-2.0
#include "core/store/batch.h"

#include <algorithm>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "core/base/hash.h"
#include "core/base/limits.h"

namespace bivouac::store {
namespace {

using Random = std::mt19937_64;

Mutation random_mutation(Random& random) {
  Mutation mutation;
  mutation.key.bytes[0] = static_cast<std::uint8_t>(1 + random() % 255);
  for (std::size_t i = 1; i < mutation.key.bytes.size(); ++i) {
    if (random() % 3 == 0) mutation.key.bytes[i] = static_cast<std::uint8_t>(random());
  }
  mutation.erase = random() % 4 == 0;
  if (!mutation.erase) mutation.value.assign(random() % 400, static_cast<std::uint8_t>(random()));
  return mutation;
}

bool same(const Mutation& a, const Mutation& b) {
  return a.key == b.key && a.value == b.value && a.erase == b.erase;
}

/// The body with a checksum that holds.
Bytes seal(Bytes body) {
  const std::uint32_t checksum = crc32c(body);
  for (unsigned i = 0; i < 4; ++i) body.push_back(static_cast<std::uint8_t>(checksum >> (8 * i)));
  return body;
}

}  // namespace

TEST_CASE("when a batch is decoded then it has the same mutations in the same order") {
  Random random(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<Mutation> mutations(random() % 20);
    Batch batch;
    for (Mutation& mutation : mutations) batch.add(mutation = random_mutation(random));
    CHECK(batch.count() == mutations.size());
    const auto decoded = decode_batch(batch.take());
    REQUIRE(decoded.has_value());
    CHECK(batch.empty());
    CHECK(std::ranges::equal(*decoded, mutations, same));
  }
}

TEST_CASE("when a value is empty, just below a length step or of full size then it comes back") {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{127}, std::size_t{128}, std::size_t{16'383},
        std::size_t{16'384}, limits::record_bytes_max}) {
    Batch batch;
    batch.add({meta_key(), Bytes(size, 7), false});
    const auto decoded = decode_batch(batch.take());
    REQUIRE(decoded.has_value());
    CHECK(decoded->at(0).value.size() == size);
  }
}

TEST_CASE("when any byte of a batch is changed then it is refused as a whole") {
  Random random(2);
  Batch batch;
  for (int i = 0; i < 5; ++i) batch.add(random_mutation(random));
  const Bytes bytes = batch.take();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    Bytes damaged = bytes;
    damaged[at] ^= static_cast<std::uint8_t>(1U << random() % 8);
    CHECK_FALSE(decode_batch(damaged).has_value());
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(decode_batch(ByteView(bytes).first(size)).has_value());
  }
}

TEST_CASE("when the checksum holds but the mutations do not then the batch is refused") {
  const Bytes bodies[] = {
      {2, 1, 1, 0},                          // a version that is not ours
      {1, 0, 0},                             // an empty key
      {1, 25, 1},                            // a key longer than keys are
      {1, 2, 1, 0, 0},                       // a key that ends in a zero
      {1, 3, 1, 2},                          // a key cut short
      {1, 1, 1},                             // a put without a length
      {1, 1, 1, 0x85, 0},                    // a length in more bytes than it needs
      {1, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 1},  // a length beyond four bytes
      {1, 1, 1, 0x81, 0x80, 0x40},           // one byte more than a record may have
      {1, 1, 1, 5, 1, 2, 3},                 // a value cut short
      {1, 0x81, 1, 0x81},                    // a second head without its key
  };
  for (const Bytes& body : bodies) CHECK_FALSE(decode_batch(seal(body)).has_value());
  CHECK(decode_batch(seal({1})).has_value());
  CHECK(decode_batch(seal({1, 0x81, 1})).has_value());
}

TEST_CASE("when random bytes bear a checksum that holds then decoding them does no harm") {
  Random random(3);
  for (int round = 0; round < 5'000; ++round) {
    Bytes body(1 + random() % 60);
    for (std::uint8_t& byte : body) byte = static_cast<std::uint8_t>(random() % 30);
    body[0] = 1;
    const auto decoded = decode_batch(seal(body));
    if (!decoded) continue;
    Batch again;  // each batch has one spelling
    for (const Mutation& mutation : *decoded) again.add(mutation);
    CHECK(again.take() == seal(body));
  }
}

}  // namespace bivouac::store
