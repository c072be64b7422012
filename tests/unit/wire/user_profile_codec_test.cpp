// SPDX-License-Identifier: Apache-2.0
#include "core/wire/user_profile_codec.h"

#include <algorithm>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "core/base/limits.h"
#include "core/wire/operator_message.h"
#include "tests/support/user_profiles.h"
#include "tests/support/wire_frames.h"

using namespace bivouac;
using namespace bivouac::wire;
using bivouac::test::full_profile;
using bivouac::test::sample_profile;
using bivouac::test::WholeFrame;

TEST_CASE("when a profile is encoded then it reads back equal, and equal ones give equal bytes",
          "[wire]") {
  for (const UserProfile& profile :
       {sample_profile(), full_profile(), test::bare_profile("tel:+49123")}) {
    const Bytes bytes = encode(profile);
    CHECK(decode_profile(bytes) == profile);
    CHECK(encode(*decode_profile(bytes)) == bytes);
    CHECK(validate(profile) == Cause::none);
  }
}

TEST_CASE("when a profile breaks a rule then it is refused by its cause", "[wire]") {
  UserProfile p = full_profile();
  SECTION("nobody") {
    p.mc_service_id.clear();
    CHECK(validate(p) == Cause::field_missing);
  }
  SECTION("a user that is not canonical") {
    p.mc_service_id = "sip:Ben@BRAVO.example";
    CHECK(validate(p) == Cause::identity_malformed);
  }
  SECTION("no service") {
    p.services = {};
    CHECK(validate(p) == Cause::field_missing);
  }
  SECTION("an unknown service") {
    p.services.bits = 8;
    CHECK(validate(p) == Cause::value_out_of_range);
  }
  SECTION("a group without server") {
    p.groups[0].server.clear();
    CHECK(validate(p) == Cause::field_missing);
  }
  SECTION("a server that is no MC system") {
    p.groups[0].server = "sip:ben@bravo.example";
    CHECK(validate(p) == Cause::identity_malformed);
  }
  SECTION("a group that is none") {
    p.groups[0].group_id = "fire";
    CHECK(validate(p) == Cause::identity_malformed);
  }
  SECTION("groups out of order") {
    std::ranges::reverse(p.groups);
    CHECK(validate(p) == Cause::value_out_of_range);
  }
  SECTION("a group twice") {
    p.groups.insert(p.groups.begin(), p.groups[0]);
    CHECK(validate(p) == Cause::value_out_of_range);
  }
  SECTION("too many groups") {
    p.groups.resize(limits::profile_groups_max + 1, p.groups[0]);
    CHECK(validate(p) == Cause::too_many_elements);
  }
  SECTION("an implicit affiliation outside of the groups") {
    p.implicit_affiliations = {"sip:other@alpha.example"};
    CHECK(validate(p) == Cause::value_out_of_range);
  }
  SECTION("an implicit affiliation without any groups") {
    p.groups.clear();
    CHECK(validate(p) == Cause::value_out_of_range);
  }
  SECTION("an implicit affiliation twice") {
    p.implicit_affiliations.push_back(p.implicit_affiliations[0]);
    CHECK(validate(p) == Cause::value_out_of_range);
  }
}

TEST_CASE("when the largest profile is imported then the limits suffice", "[wire]") {
  UserProfile profile = test::bare_profile();
  for (std::size_t i = 0; i < limits::profile_groups_max; ++i) {
    std::string group = "sip:" + std::to_string(1000 + i);
    group.resize(limits::identity_bytes_max - 14, 'a');
    profile.groups.push_back({group + "@alpha.example", "sip:bravo.example"});
    profile.implicit_affiliations.push_back(group + "@alpha.example");
  }
  CHECK(validate(profile) == Cause::none);
  const WholeFrame whole(build_user_import_request(profile));
  CHECK(verify_operator(whole.frame()));
}

TEST_CASE("when the operator names no server then the request is good and the record is not",
          "[wire]") {
  UserProfile profile = sample_profile();
  profile.groups[0].server.clear();
  const WholeFrame whole(build_user_import_request(profile));
  CHECK(verify_operator(whole.frame()));
  CHECK(validate(profile) == Cause::field_missing);
}

TEST_CASE("when bytes of a stored profile are damaged then it is refused or still safe to read",
          "[wire]") {
  std::mt19937_64 random(1);
  const Bytes whole = encode(full_profile());
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    Bytes damaged = whole;
    for (int i = 0; i < 2; ++i)
      damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
    if (random() % 4 == 0) damaged.resize(random() % damaged.size());
    const auto profile = decode_profile(damaged);
    if (!profile) continue;
    ++accepted;
    REQUIRE(validate(*profile) == Cause::none);
  }
  CHECK(accepted > 0);
}
