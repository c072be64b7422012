// SPDX-License-Identifier: Apache-2.0
// 10.2.7.3, preconditions 2 and 3: a group in the profile of a user at the partner (bravo) is
// requested from its home (alpha) when the user becomes service-authorised, that is, logs on.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/user_bench.h"

using namespace bivouac;
using namespace bivouac::test;

namespace {

using Bench = UserBench;

std::size_t count(const McSystem& system, std::string_view step) {
  const auto steps = system.steps();
  return static_cast<std::size_t>(std::ranges::count(steps, step));
}

}  // namespace

TEST_CASE("when a user logs on then a group of the profile that is not cached is requested",
          "[10.2.7.3]") {
  Bench bench(alpha_that_does_not_push());
  REQUIRE_FALSE(bench.bravo.effective(group_id));
  TestClient phone(bench.world, bench.bravo, ben);
  phone.subscribe(group_id);
  phone.log_on();
  bench.world.pass(DurationMs{100});
  CHECK(bench.bravo.effective(group_id) == group_with({ben}));
  CHECK(bench.bravo.services_notified(group_id) == Services::all());
  REQUIRE(phone.copy(group_id) != nullptr);
  CHECK(phone.copy(group_id)->configuration == group_with({ben}));
  CHECK(count(bench.alpha, "10.2.7.3/3") == 1);  // prefetch and subscription: one flight

  SECTION("a second client makes no further request") {
    TestClient tablet(bench.world, bench.bravo, ben, "tablet");
    tablet.log_on();
    tablet.get(group_id);
    CHECK(count(bench.alpha, "10.2.7.3/3") == 1);
    CHECK(tablet.reports().back().configuration == group_with({ben}));
  }
}

TEST_CASE("when the home is out of reach at log-on then its group is requested with its link",
          "[10.2.7.3]") {
  Bench bench(alpha_that_does_not_push());
  bench.world.cut("sip:alpha.example", "sip:bravo.example");
  TestClient phone(bench.world, bench.bravo, ben);
  phone.subscribe(group_id);
  phone.log_on();
  CHECK(phone.copy(group_id) == nullptr);
  CHECK(bench.bravo.refusals(Cause::unreachable) == 1);
  phone.get(group_id);
  CHECK(phone.reports().back().cause == Cause::unreachable);
  bench.world.heal("sip:alpha.example", "sip:bravo.example");
  phone.pass(60'000);
  REQUIRE(phone.copy(group_id) != nullptr);
  CHECK(phone.copy(group_id)->configuration == group_with({ben}));
}

TEST_CASE("when a group of the profile is not known at its home then who asked is told",
          "[10.2.7.3]") {
  Bench bench(alpha_that_does_not_push());
  bench.alpha.remove(group_id);
  TestClient phone(bench.world, bench.bravo, ben);
  phone.log_on();
  phone.reports();
  phone.get(group_id);
  bench.world.pass(DurationMs{100});
  CHECK(phone.report().cause == Cause::group_unknown);
}

TEST_CASE("when a profile has many groups then only some are requested at a time", "[10.2.7.3]") {
  Bench bench(alpha_that_does_not_push());
  UserProfile profile = bare_profile(ben);
  for (int i = 0; i < 60; ++i) {
    GroupConfiguration group = group_with({ben});
    group.group_id = "sip:group" + std::to_string(100 + i) + "@alpha.example";
    bench.alpha.import(group);
    profile.groups.push_back({group.group_id, "sip:bravo.example"});
  }
  bench.bravo.import_user(profile);
  TestClient phone(bench.world, bench.bravo, ben);
  phone.log_on();
  bench.world.pass(DurationMs{1000});
  for (const ProfileGroup& group : profile.groups) CHECK(bench.bravo.effective(group.group_id));
  CHECK(bench.bravo.refusals(Cause::overloaded) == 0);
}
