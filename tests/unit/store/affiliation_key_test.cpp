// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "core/store/record.h"

using namespace bivouac;
using namespace bivouac::store;

namespace {

constexpr IdentityNumber user{3};
constexpr IdentityNumber group{0x01020304};
constexpr IdentityNumber client{9};

}  // namespace

TEST_CASE("when affiliations of a user are scanned then those of a group lie together", "[store]") {
  const Key key = affiliation_key(user, group, client);
  CHECK(key.kind() == RecordKind::affiliation);
  CHECK(key.number_at(4) == user.value);
  CHECK(key.number_at(8) == group.value);
  CHECK(key.number_at(12) == client.value);
  CHECK(prefix(RecordKind::affiliation, user.value).contains(key));
  CHECK(prefix(RecordKind::affiliation, user.value, group.value).contains(key));
  CHECK_FALSE(prefix(RecordKind::affiliation, user.value, group.value + 1).contains(key));
  CHECK(affiliation_key(user, group, {}) < key);
  CHECK(affiliated_key(group, user).number_at(4) == group.value);
}

TEST_CASE("when a record of an affiliation is cut then it is none", "[store]") {
  flatbuffers::FlatBufferBuilder builder;
  const Bytes whole = finish(builder, fb::CreateAffiliation(builder, 1, 3, 7, 3, 5));
  CHECK(is_valid_record(affiliation_key(user, group, client), whole));
  CHECK_FALSE(is_valid_record(affiliation_key(user, group, client),
                              ByteView(whole).first(whole.size() / 2)));
  const Bytes told = finish(builder, fb::CreateAffiliated(builder, 7, 5));
  CHECK(is_valid_record(affiliated_key(group, user), told));
}
