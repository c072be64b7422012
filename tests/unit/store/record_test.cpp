// SPDX-License-Identifier: Apache-2.0
#include "core/store/record.h"

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "core/base/limits.h"

namespace bivouac::store {
namespace {

Bytes identity_value(const std::string& text) {
  flatbuffers::FlatBufferBuilder builder;
  return finish(builder, fb::CreateIdentity(builder, builder.CreateString(text)));
}

Bytes group_value() {
  flatbuffers::FlatBufferBuilder builder;
  const auto overlay = fb::CreateOverlayDirect(builder, true, 7, "alias");
  const auto configuration = builder.CreateVector(Bytes(100, 1));
  fb::GroupBuilder group(builder);
  group.add_version(3);
  group.add_configuration(configuration);
  group.add_overlay(overlay);
  return finish(builder, group.Finish());
}

}  // namespace

TEST_CASE("when a record was built here then it is valid and reads back") {
  Table table;
  const Key key = group_key(IdentityNumber{4});
  table.apply({key, group_value(), false});
  const View view(table);
  REQUIRE(is_valid_record(key, *view.find(key)));
  const auto* group = find<fb::Group>(view, key);
  REQUIRE(group != nullptr);
  CHECK(group->version() == 3);
  CHECK(group->overlay()->alias()->str() == "alias");
  CHECK(&get<fb::Group>(*view.find(key)) == group);
  CHECK(find<fb::Group>(view, group_key(IdentityNumber{5})) == nullptr);
}

TEST_CASE("when a value lacks what its kind requires then it is refused") {
  flatbuffers::FlatBufferBuilder builder;
  const Bytes meta = finish(builder, fb::CreateMeta(builder, 1, 2, 3));
  CHECK(is_valid_record(meta_key(), meta));
  CHECK_FALSE(is_valid_record(group_key(IdentityNumber{1}), meta));  // no configuration
  CHECK_FALSE(is_valid_record(identity_key(IdentityNumber{1}), meta));
  CHECK_FALSE(is_valid_record(meta_key(), {}));
  CHECK_FALSE(is_valid_record(meta_key(), Bytes(3)));
  CHECK_FALSE(is_valid_record(meta_key(), Bytes(limits::record_bytes_max + 1)));
  Key unknown;
  unknown.bytes[0] = 200;
  CHECK_FALSE(is_valid_record(unknown, meta));
}

TEST_CASE("when an identity is empty or too long then its record is refused") {
  const Key key = identity_key(IdentityNumber{1});
  CHECK(is_valid_record(key, identity_value("sip:a@b.example")));
  CHECK(is_valid_record(key, identity_value(std::string(limits::identity_bytes_max, 'a'))));
  CHECK_FALSE(
      is_valid_record(key, identity_value(std::string(limits::identity_bytes_max + 1, 'a'))));
  CHECK_FALSE(is_valid_record(key, identity_value("")));
}

TEST_CASE("when bytes of a record are damaged then it is refused or still safe to read") {
  std::mt19937_64 random(1);
  const Key key = group_key(IdentityNumber{4});
  const Bytes whole = group_value();
  for (int round = 0; round < 20'000; ++round) {
    Bytes damaged = whole;
    for (int i = 0; i < 3; ++i)
      damaged[random() % 60 % damaged.size()] = static_cast<std::uint8_t>(random());
    if (random() % 4 == 0) damaged.resize(random() % damaged.size());
    if (!is_valid_record(key, damaged)) continue;
    const fb::Group& group = get<fb::Group>(damaged);
    std::size_t sum = group.configuration()->size();
    if (group.overlay() != nullptr && group.overlay()->alias() != nullptr) {
      sum += group.overlay()->alias()->str().size();
    }
    CHECK(sum < 2 * whole.size() + 400);
  }
}

}  // namespace bivouac::store
