// SPDX-License-Identifier: Apache-2.0
// 10.X.3.1: a client affiliates to groups of its own system. Topology: bravo, home of the groups
// and of the users; clients of ben and of bea. Pass: what policy and subscription permit is
// stored before it is answered, the group management server knows it, and every refusal has its
// cause and touches its own group only.

#include <algorithm>
#include <memory>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/affiliation_bench.h"

using namespace bivouac;
using namespace bivouac::test;
using Kind = client::Report::Kind;
using enum AffiliationStatus;

namespace {

using Bench = AffiliationBench;
using List = std::vector<Outcome>;

/// Logged on, and whatever it was told by then is read.
struct Phone : TestClient {
  explicit Phone(Bench& bench, const std::string& user = ben, const std::string& id = "phone")
      : TestClient(bench.world, bench.bravo, user, id) {
    log_on();
    bench.world.pass(DurationMs{10});
    reports();
  }
};

}  // namespace

TEST_CASE("when a member affiliates then it is stored, answered, and told to the server of groups",
          "[10.X.3.1][10.X.2.1][10.X.2.2][10.X.2.3]") {
  Bench bench;
  Phone phone(bench);
  phone.affiliate({rescue, fire});
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{rescue, affiliated}, {fire, affiliated}});
  CHECK(bench.affiliations() == 2);
  CHECK(bench.told() == 2);
  REQUIRE(phone->affiliation(fire) != nullptr);
  CHECK(phone->affiliation(fire)->services == Services::all());

  SECTION("again it changes nothing, and is answered alike") {
    const std::size_t commits = bench.bravo.durable.size();
    phone.affiliate({fire});
    bench.world.pass(DurationMs{100});
    CHECK(outcomes(phone) == List{{fire, affiliated}});
    CHECK(bench.bravo.durable.size() == commits);
  }
  SECTION("another client of the user is one more, and the user is told once") {
    Phone tablet(bench, ben, "tablet");
    tablet.affiliate({fire});
    bench.world.pass(DurationMs{100});
    CHECK(outcomes(tablet) == List{{fire, affiliated}});
    CHECK(bench.affiliations() == 3);
    CHECK(bench.told() == 2);
  }
  SECTION("it survives a crash") {
    bench.bravo.crash();
    bench.bravo.start();
    bench.world.pass(DurationMs{5000});
    CHECK(bench.affiliations() == 2);
    CHECK(bench.told() == 2);
  }
}

TEST_CASE("when a client knows its groups, and asked for updates of one, then it affiliates to it",
          "[10.X.3.1]") {
  Bench bench;
  Phone phone(bench);
  REQUIRE(phone->profile().has_value());
  CHECK(find_group(*phone->profile(), fire) != nullptr);
  phone.subscribe(fire);
  bench.world.pass(DurationMs{100});
  REQUIRE(phone.copy(fire) != nullptr);
  phone.reports();
  phone.affiliate({fire});
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{fire, affiliated}});
  GroupConfiguration changed = own_group(fire, {ben, bench.bea});
  changed.display_name = "Fire";
  bench.bravo.import(changed);
  bench.world.pass(DurationMs{100});
  CHECK(phone.copy(fire)->configuration.display_name == "Fire");
}

TEST_CASE("when a client affiliates then nothing is answered before it is durable", "[10.X.3.1]") {
  Bench bench;
  Phone phone(bench);
  bench.bravo.hold_commits = true;
  phone.affiliate({fire});
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone).empty());
  bench.bravo.hold_commits = false;
  bench.bravo.finish_commit(driver::GroupCommit::Outcome::committed);
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{fire, affiliated}});
}

TEST_CASE(
    "when groups of a list are refused then each has its cause, and the others are not touched",
    "[10.X.3.1]") {
  Bench bench;
  const std::string unknown = "sip:unknown@bravo.example";
  const std::string others = "sip:others@bravo.example";
  const std::string closed = "sip:closed@bravo.example";
  UserProfile profile = Bench::profile(ben);
  for (const std::string& group : {closed, others, unknown})
    profile.groups.push_back({group, "sip:bravo.example"});
  std::ranges::sort(profile.groups, {}, &ProfileGroup::group_id);
  bench.bravo.import_user(profile);
  bench.bravo.import(own_group(others, {bench.bea}));
  GroupConfiguration disabled = own_group(closed, {ben});
  disabled.disabled = true;
  bench.bravo.import(disabled);
  bench.world.pass(DurationMs{100});
  Phone phone(bench);
  phone.affiliate({"sip:stranger@bravo.example", unknown, others, closed, fire, fire});
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{"sip:stranger@bravo.example", rejected, Cause::not_in_profile},
                                {unknown, rejected, Cause::group_unknown},
                                {others, rejected, Cause::not_a_member},
                                {closed, rejected, Cause::group_disabled},
                                {fire, affiliated},
                                {fire, rejected, Cause::group_duplicate}});
  CHECK(bench.affiliations() == 1);
  CHECK(bench.bravo.refusals(Cause::group_disabled) == 1);
}

TEST_CASE("when a policy is not cached then it is asked for before the group is decided",
          "[10.X.3.1]") {
  const std::string radio = "sip:radio@bravo.example";
  engine::Configuration video_only = Bench::alone();
  video_only.services = Services::of(Service::mcvideo);
  Bench bench(video_only);
  GroupConfiguration group = own_group(radio, {ben});
  group.services = Services::of(Service::mcptt);
  bench.bravo.import(group);
  UserProfile profile = Bench::profile(ben);
  profile.groups.insert(profile.groups.begin() + 2, {radio, "sip:bravo.example"});
  bench.bravo.import_user(profile);
  Phone phone(bench);
  bench.bravo.notes.clear();
  // A service is added, whose server was not told of the groups yet.
  bench.bravo.event(engine::Reload{std::make_shared<engine::Configuration>(Bench::alone())});
  phone.affiliate({radio, "sip:stranger@bravo.example"});
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) ==
        List{{radio, affiliated}, {"sip:stranger@bravo.example", rejected, Cause::not_in_profile}});
  const std::vector<std::string> steps = bench.bravo.steps();
  CHECK(std::ranges::count(steps, "10.X.3.1/2a") == 1);
  CHECK(std::ranges::count(steps, "10.X.3.1/2b") == 1);
  CHECK(std::ranges::find(steps, "10.X.3.1/2b") < std::ranges::find(steps, "10.X.3.1/3"));

  bench.bravo.notes.clear();
  phone.affiliate({radio});
  bench.world.pass(DurationMs{100});
  CHECK(std::ranges::count(bench.bravo.steps(), "10.X.3.1/2a") == 0);
}

TEST_CASE("when the list is longer than N2 leaves room for then its first groups are granted",
          "[10.X.3.1]") {
  Bench bench;
  bench.bravo.import_user(Bench::profile(ben, 2));
  Phone phone(bench);
  phone.affiliate({rescue, fire, medics});
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{rescue, affiliated},
                                {fire, affiliated},
                                {medics, rejected, Cause::affiliation_limit}});
  phone.affiliate({fire, medics});
  CHECK(outcomes(phone) == List{{fire, affiliated}, {medics, rejected, Cause::affiliation_limit}});
}

TEST_CASE("when a client asks in another user's name, or before its log-on, then it is refused",
          "[10.X.3.1]") {
  Bench bench;
  TestClient phone(bench.world, bench.bravo, ben);
  phone.affiliate({fire});
  CHECK(phone.report().cause == Cause::not_logged_on);
  phone.log_on();
  phone.reports();
  std::vector<std::string> many(limits::affiliation_groups_max + 1, fire);
  phone.affiliate(many);
  for (const auto& report : phone.reports()) CHECK(report.cause == Cause::too_many_elements);
  CHECK(bench.affiliations() == 0);
}

TEST_CASE("when space is low then nobody affiliates anew", "[10.X.3.1]") {
  Bench bench;
  Phone phone(bench);
  phone.affiliate({fire});
  outcomes(phone);
  bench.bravo.event(engine::Space{true});
  phone.affiliate({fire, rescue});
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{fire, affiliated}, {rescue, rejected, Cause::storage_full}});
}

TEST_CASE("when the profile wants it then a client is affiliated at its log-on", "[10.X.3.1]") {
  Bench bench;
  UserProfile profile = Bench::profile(ben);
  profile.implicit_affiliations = {fire, rescue};
  bench.bravo.import_user(profile);
  Phone phone(bench);
  bench.world.pass(DurationMs{100});
  phone.reports();
  CHECK(bench.affiliations() == 2);
  CHECK(bench.told() == 2);
  CHECK(phone->affiliation(fire) != nullptr);  // it was told without asking

  SECTION("and not any more after its log-off") {
    phone.log_off();
    bench.world.pass(DurationMs{100});
    CHECK(bench.affiliations() == 0);
    CHECK(bench.told() == 0);
  }
  SECTION("and a client that logs on anew learns what stands") {
    phone.disconnect();
    CHECK(phone->affiliation(fire) == nullptr);
    phone.connect();
    phone.pass(1'000);
    CHECK(phone->affiliation(fire) != nullptr);
  }
}

TEST_CASE("when the log-on is refused then nothing is affiliated", "[10.X.3.1]") {
  Bench bench;
  UserProfile profile = Bench::profile(ben);
  profile.implicit_affiliations = {fire};
  profile.services = Services::of(Service::mcvideo);
  bench.bravo.import_user(profile);
  engine::Configuration b = Bench::alone();
  b.services = Services::of(Service::mcptt);
  bench.bravo.reload(b);
  Phone phone(bench);
  bench.world.pass(DurationMs{100});
  CHECK_FALSE(phone->is_logged_on());
  CHECK(bench.affiliations() == 0);
}

TEST_CASE("when a client is gone then its affiliations end with the grace time, not before",
          "[10.X.3.1]") {
  Bench bench;
  Phone phone(bench);
  phone.affiliate({fire});
  outcomes(phone);
  phone.disconnect();
  bench.world.pass(DurationMs{limits::affiliation_grace_ms - 10'000});
  CHECK(bench.affiliations() == 1);
  SECTION("it comes back") {
    phone.connect();
    phone.pass(60'000);
    CHECK(bench.affiliations() == 1);
    CHECK(phone->affiliation(fire) != nullptr);
  }
  SECTION("it does not") {
    bench.world.pass(DurationMs{60'000});
    CHECK(bench.affiliations() == 0);
    CHECK(bench.told() == 0);
  }
}

TEST_CASE("when somebody wants to know who is affiliated then the profile must permit it",
          "[10.X.3.1]") {
  Bench bench;
  UserProfile curious = Bench::profile(bench.bea);
  curious.request_affiliated_groups = true;
  bench.bravo.import_user(curious);
  Phone phone(bench);
  Phone tablet(bench, bench.bea, "tablet");
  tablet.watch(ben);
  CHECK(tablet.report().affiliations.empty());
  phone.affiliate({fire});
  bench.world.pass(DurationMs{100});
  const auto told = tablet.report();
  CHECK(told.kind == Kind::affiliations);
  CHECK(told.mc_service_id == ben);
  REQUIRE(told.affiliations.size() == 1);
  CHECK(told.affiliations[0].group_id == fire);
  CHECK(told.affiliations[0].client_id == "phone");
  outcomes(phone);
  phone.watch(bench.bea);
  CHECK(phone.report().cause == Cause::not_authorised);
  tablet.watch("sip:nobody@bravo.example");
  CHECK(tablet.report().cause == Cause::user_unknown);

  // The right is taken away again.
  bench.bravo.import_user(Bench::profile(bench.bea));
  const auto last = tablet.report();
  CHECK(last.cause == Cause::not_authorised);
  CHECK(last.mc_service_id == ben);
  CHECK_FALSE(tablet->affiliations().contains(ben));
  phone.deaffiliate({fire});
  bench.world.pass(DurationMs{100});
  CHECK(tablet.reports().empty());
}
