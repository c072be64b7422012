// SPDX-License-Identifier: Apache-2.0
#include "core/store/sealer.h"

#include <algorithm>
#include <array>

#include <catch2/catch_test_macros.hpp>

#include "core/store/batch.h"
#include "core/store/record.h"
#include "host-sim/world/fake_sealer.h"

namespace bivouac::store {
namespace {

const Key key_of_keys = keys_key(IdentityNumber{5});

Bytes keys_value(const Bytes& bytes) {
  flatbuffers::FlatBufferBuilder builder;
  const auto recipient = builder.CreateString("sip:ben@bravo.example");
  const auto envelope = builder.CreateVector(bytes);
  const auto one = fb::CreateKeyEnvelope(builder, recipient, 7, 0, envelope);
  return finish(builder, fb::CreateGroupKeys(builder, builder.CreateVector({one})));
}

Bytes meta_value() {
  flatbuffers::FlatBufferBuilder builder;
  return finish(builder, fb::CreateMeta(builder, 1, 2, 3));
}

bool holds(const Bytes& bytes, const Bytes& part) {
  return !std::ranges::search(bytes, part).empty();
}

}  // namespace

TEST_CASE("when a batch has key material then only that is sealed") {
  sim::FakeSealer sealer(1);
  const Bytes marker(32, 0xB1);
  const Bytes keys = keys_value(marker);
  Batch staged;
  staged.add({meta_key(), meta_value(), false});
  staged.add({key_of_keys, keys, false});
  staged.add({keys_key(IdentityNumber{6}), {}, true});
  const Bytes batch = staged.take();
  REQUIRE(needs_sealing(batch));
  REQUIRE(holds(batch, marker));

  const Key lost = keys_key(IdentityNumber{1});
  const auto sealed = seal_batch(batch, std::array{lost}, &sealer);
  REQUIRE(sealed.has_value());
  CHECK_FALSE(holds(*sealed, marker));
  const auto written = decode_batch(*sealed);
  REQUIRE(written.has_value());
  REQUIRE(written->size() == 4);
  CHECK((*written)[0].key == lost);
  const auto told = open_value(lost, (*written)[0].value, &sealer);
  REQUIRE(told.has_value());
  CHECK(get<fb::GroupKeys>(*told).lost());
  CHECK((*written)[1].value == meta_value());
  CHECK((*written)[2].key == key_of_keys);
  CHECK((*written)[3].erase);
  CHECK(is_valid_stored(key_of_keys, (*written)[2].value));
  CHECK(open_value(key_of_keys, (*written)[2].value, &sealer) == keys);
  CHECK(open_value(meta_key(), (*written)[1].value, nullptr) == meta_value());
}

TEST_CASE("when there is no sealer, or it has no randomness, then no batch comes of key material") {
  sim::FakeSealer sealer(1);
  Batch staged;
  staged.add({key_of_keys, keys_value(Bytes(32, 1)), false});
  const Bytes batch = staged.take();
  CHECK_FALSE(seal_batch(batch, {}, nullptr).has_value());
  sealer.is_broken = true;
  CHECK_FALSE(seal_batch(batch, {}, &sealer).has_value());
}

TEST_CASE("when key material is only erased then nothing needs sealing") {
  Batch staged;
  staged.add({key_of_keys, {}, true});
  staged.add({meta_key(), meta_value(), false});
  const Bytes batch = staged.take();
  CHECK_FALSE(needs_sealing(batch));
}

TEST_CASE("when what a disk has is no record after opening then there is none") {
  sim::FakeSealer sealer(1);
  const auto nonsense = sealer.seal(key_of_keys, Bytes(3, 1));
  CHECK_FALSE(open_value(key_of_keys, *nonsense, &sealer).has_value());
  CHECK_FALSE(open_value(key_of_keys, keys_value(Bytes(8, 1)), &sealer).has_value());
  CHECK_FALSE(open_value(meta_key(), Bytes(3, 1), &sealer).has_value());
  CHECK_FALSE(is_valid_stored(key_of_keys, {}));
  CHECK_FALSE(is_valid_stored(meta_key(), Bytes(3, 1)));
}

}  // namespace bivouac::store
