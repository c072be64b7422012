// SPDX-License-Identifier: Apache-2.0
// 10.X.4.2: a client de-affiliates from groups of its own system, or is de-affiliated because the
// rules have changed. Topology: bravo, home of the groups and of the users; clients of ben and of
// bea. Pass: what ended is gone from both servers before anybody is told, nobody is kept by a
// disabled group, and whoever did not ask hears of it.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/affiliation_bench.h"

using namespace bivouac;
using namespace bivouac::test;
using Kind = client::Report::Kind;
using enum AffiliationStatus;

namespace {

using Bench = AffiliationBench;
using List = std::vector<Outcome>;

/// Logged on and affiliated, and whatever it was told by then is read.
struct Phone : TestClient {
  Phone(Bench& bench, const std::vector<std::string>& groups, const std::string& user = ben,
        const std::string& id = "phone")
      : TestClient(bench.world, bench.bravo, user, id) {
    log_on();
    affiliate(groups);
    bench.world.pass(DurationMs{100});
    reports();
  }
};

void import(Bench& bench, const GroupConfiguration& group) {
  bench.bravo.import(group);
  bench.world.pass(DurationMs{100});
}

}  // namespace

TEST_CASE("when a user leaves a group then it is gone from both servers, and the client is told",
          "[10.X.4.2][10.X.2.4][10.X.2.5][10.X.2.6]") {
  Bench bench;
  Phone phone(bench, {fire, rescue});
  phone.deaffiliate({rescue, medics, rescue});
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{rescue, deaffiliated},
                                {medics, not_affiliated},
                                {rescue, rejected, Cause::group_duplicate}});
  CHECK(bench.affiliations() == 1);
  CHECK(bench.told() == 1);
  CHECK(phone->affiliation(rescue) == nullptr);
  phone.deaffiliate({rescue});
  CHECK(outcomes(phone) == List{{rescue, not_affiliated}});
}

TEST_CASE("when one client of a user leaves then the others stay, unless all are meant",
          "[10.X.4.2]") {
  Bench bench;
  Phone phone(bench, {fire});
  Phone tablet(bench, {fire}, ben, "tablet");
  SECTION("this client") {
    phone.deaffiliate({fire});
    bench.world.pass(DurationMs{100});
    CHECK(bench.affiliations() == 1);
    CHECK(bench.told() == 1);
    tablet.pump();
    CHECK(tablet->affiliation(fire) != nullptr);
  }
  SECTION("all clients") {
    phone.deaffiliate({fire}, DeaffiliationScope::all_clients);
    bench.world.pass(DurationMs{100});
    CHECK(bench.affiliations() == 0);
    CHECK(bench.told() == 0);
    tablet.pump();
    CHECK(tablet->affiliation(fire) == nullptr);
  }
}

TEST_CASE(
    "when a group wants its members to stay then leaving is refused, but not once it is disabled",
    "[10.X.4.2][10.X.4.1]") {
  Bench bench;
  GroupConfiguration group = own_group(fire, {ben, bench.bea});
  SECTION("a member who must") {
    for (GroupMember& member : group.members)
      member.affiliation_required = member.mc_service_id == ben;
  }
  SECTION("as many as it needs") { group.affiliated_members_min = 1; }
  import(bench, group);
  Phone phone(bench, {fire});
  phone.deaffiliate({fire});
  const List refused = outcomes(phone);
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].status == rejected);
  CHECK(bench.affiliations() == 1);
  // The review would end it; leaving comes first (F9).
  group.disabled = true;
  bench.bravo.import(group);
  phone.deaffiliate({fire});
  bench.world.pass(DurationMs{100});
  CHECK(bench.affiliations() == 0);
}

TEST_CASE(
    "when rules change so that an affiliation may not stand then it ends, and clients are told",
    "[10.X.4.2][10.X.1]") {
  Bench bench;
  Phone phone(bench, {fire, rescue});
  const auto ended = [&](Cause cause) {
    bench.world.pass(DurationMs{100});
    CHECK(outcomes(phone) == List{{fire, deaffiliated, cause}});
    CHECK(bench.affiliations() == 1);
    CHECK(bench.told() == 1);
    CHECK(phone->affiliation(fire) == nullptr);
    CHECK(phone->affiliation(rescue) != nullptr);
  };
  SECTION("the member is removed") {
    bench.bravo.import(own_group(fire, {bench.bea}));
    ended(Cause::not_a_member);
  }
  SECTION("the group is disabled") {
    GroupConfiguration group = own_group(fire, {ben, bench.bea});
    group.disabled = true;
    bench.bravo.import(group);
    ended(Cause::group_disabled);
  }
  SECTION("the group is deleted") {
    bench.bravo.remove(fire);
    ended(Cause::group_unknown);
  }
  SECTION("the group leaves the profile") {
    UserProfile profile = Bench::profile(ben);
    std::erase_if(profile.groups, [](const ProfileGroup& group) { return group.group_id == fire; });
    bench.bravo.import_user(profile);
    ended(Cause::not_in_profile);
  }
  SECTION("the group keeps another service only") {
    UserProfile profile = Bench::profile(ben);
    profile.services = Services::of(Service::mcptt);
    bench.bravo.import_user(profile);
    bench.world.pass(DurationMs{100});
    phone.reports();
    GroupConfiguration group = own_group(fire, {ben, bench.bea});
    group.services = Services::of(Service::mcvideo);
    bench.bravo.import(group);
    ended(Cause::service_unknown);
  }
}

TEST_CASE("when N2 is lowered then what came last ends first", "[10.X.4.2]") {
  Bench bench;
  Phone phone(bench, {rescue});
  bench.world.pass(DurationMs{1000});
  phone.affiliate({fire});
  bench.world.pass(DurationMs{1000});
  outcomes(phone);
  bench.bravo.import_user(Bench::profile(ben, 1));
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{fire, deaffiliated, Cause::affiliation_limit}});
  CHECK(bench.affiliations() == 1);
}

TEST_CASE("when a profile is removed then nothing is left of the user's affiliations",
          "[10.X.4.2]") {
  Bench bench;
  Phone phone(bench, {fire, rescue});
  bench.bravo.remove_user(ben);
  bench.world.pass(DurationMs{200});
  CHECK(bench.affiliations() == 0);
  CHECK(bench.told() == 0);
}

TEST_CASE("when the group management server forgets nothing then a restart ends no affiliation",
          "[10.X.4.2]") {
  Bench bench;
  Phone phone(bench, {fire, rescue});
  for (int i = 0; i < 3; ++i) {
    bench.bravo.crash();
    bench.bravo.start();
    bench.world.pass(DurationMs{5000});
  }
  CHECK(bench.affiliations() == 2);
  CHECK(bench.told() == 2);
}
