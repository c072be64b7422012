// SPDX-License-Identifier: Apache-2.0
// 10.2.7.1: the group management server of the system that serves a user is the user's source of
// group configuration. Topology: alpha, home of the groups; bravo, which serves ben; clients of ben
// at bravo. Pass: ben's clients get what bravo made of the groups that ben is a member of, hear of
// each change, and nobody else gets anything.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/user_bench.h"

using namespace bivouac;
using namespace bivouac::test;
using Kind = client::Report::Kind;
using wire::fb::OutcomeKind;

namespace {

using Bench = UserBench;

std::size_t count(const McSystem& system, std::string_view step) {
  const auto steps = system.steps();
  return static_cast<std::size_t>(std::ranges::count(steps, step));
}

}  // namespace

TEST_CASE("when a user of ours logs on then the client gets the profile and its services",
          "[10.2.7.1]") {
  Bench bench;
  TestClient phone(bench.world, bench.bravo, ben);
  phone.log_on();
  CHECK(phone.report().kind == Kind::logged_on);
  CHECK(phone->profile() == sample_profile(ben, group_id));
  CHECK(phone->services() == Services::all());
  phone.log_off();
  CHECK(phone.report().kind == Kind::logged_off);
  CHECK_FALSE(phone->is_logged_on());
}

TEST_CASE("when a member's client subscribes then it has what is effective, and hears of changes",
          "[10.2.7.1][10.2.7.2]") {
  engine::Configuration b = bravo_configuration();
  engine::OverlayPolicy overlay;
  overlay.groups = "*";
  overlay.alias = "Fire";
  b.partners[0].overlays = {overlay};
  Bench bench(alpha_configuration(), b);
  TestClient phone(bench.world, bench.bravo, ben);
  phone.subscribe(group_id);
  phone.log_on();
  REQUIRE(phone.copy(group_id) != nullptr);
  CHECK(phone.copy(group_id)->configuration == bench.bravo.effective(group_id));
  CHECK(phone.copy(group_id)->configuration.alias == "Fire");
  CHECK_FALSE(phone.copy(group_id)->stale);

  bench.alpha.import(group_with({ben}, 9));
  bench.world.pass(DurationMs{100});
  CHECK(phone.copy(group_id)->configuration.group_priority == 9);

  SECTION("a change of the overlay is told too") {
    b.partners[0].overlays[0].alias = "Water";
    bench.bravo.reload(b);
    CHECK(phone.copy(group_id)->configuration.alias == "Water");
  }
  SECTION("what changes nothing is not told") {
    phone.reports();
    bench.bravo.push(group_id);
    bench.bravo.fetch(group_id);
    CHECK(phone.reports().empty());
  }
  SECTION("after unsubscribing nothing is told") {
    phone.unsubscribe(group_id);
    phone.reports();
    bench.alpha.import(group_with({ben}, 10));
    bench.world.pass(DurationMs{100});
    CHECK(phone.reports().empty());
    CHECK(phone.copy(group_id) == nullptr);
  }
}

TEST_CASE("when the client knows the newest already then subscribing again says that it is fresh",
          "[10.2.7.1]") {
  Bench bench;
  TestClient phone(bench.world, bench.bravo, ben);
  phone.subscribe(group_id);
  phone.log_on();
  REQUIRE(phone.copy(group_id) != nullptr);
  const std::size_t told = count(bench.bravo, "10.1.2/notify");
  bench.world.close_raw({0});
  phone.reports();
  bench.bravo.crash();  // everybody is logged off by it
  phone.pump();
  CHECK_FALSE(phone->is_logged_on());
  CHECK(phone.copy(group_id)->stale);
  bench.bravo.start();
  bench.world.pass(DurationMs{3000});
  phone.connect();
  CHECK(phone->is_logged_on());  // again, by itself
  CHECK_FALSE(phone.copy(group_id)->stale);
  CHECK(count(bench.bravo, "10.1.2/notify") == told + 1);
  for (const auto& report : phone.reports()) CHECK(report.kind != Kind::notified);
  bench.alpha.import(group_with({ben}, 9));
  bench.world.pass(DurationMs{100});
  CHECK(phone.copy(group_id)->configuration.group_priority == 9);
}

TEST_CASE("when a member is removed then the client is told, and told again when it is back",
          "[10.2.7.1]") {
  Bench bench;
  TestClient phone(bench.world, bench.bravo, ben);
  phone.subscribe(group_id);
  phone.log_on();
  REQUIRE(phone.copy(group_id) != nullptr);
  phone.reports();
  bench.bravo.push(group_id);
  bench.alpha.import(group_with({"sip:bea@bravo.example"}));
  bench.world.pass(DurationMs{100});
  CHECK(phone.copy(group_id) == nullptr);
  const auto withdrawn = phone.report();
  CHECK(withdrawn.kind == Kind::withdrawn);
  CHECK(withdrawn.cause == Cause::not_a_member);
  phone.get(group_id);
  CHECK(phone.report().cause == Cause::not_a_member);
  bench.alpha.import(group_with({ben}));
  bench.world.pass(DurationMs{100});
  CHECK(phone.copy(group_id) != nullptr);

  SECTION("a group that is gone is withdrawn") {
    phone.reports();
    bench.alpha.remove(group_id);
    bench.world.pass(DurationMs{100});
    CHECK(phone.report().cause == Cause::group_unknown);
    CHECK(phone.copy(group_id) == nullptr);
  }
  SECTION("a group that leaves the profile is withdrawn") {
    phone.reports();
    bench.bravo.import_user(bare_profile(ben));
    CHECK(phone.report().cause == Cause::not_in_profile);
    CHECK(phone.copy(group_id) == nullptr);
  }
}

TEST_CASE("when somebody may not have a group then it is refused by its cause", "[10.2.7.1]") {
  Bench bench;
  const std::string bea = "sip:bea@bravo.example";
  bench.bravo.import_user(sample_profile(bea, group_id));
  TestClient tablet(bench.world, bench.bravo, bea);
  tablet.get(group_id);
  CHECK(tablet.report().cause == Cause::not_logged_on);
  tablet.log_on();
  tablet.reports();
  tablet.get(group_id);
  CHECK(tablet.report().cause == Cause::not_a_member);
  tablet.subscribe(group_id);
  CHECK(tablet.report().cause == Cause::not_a_member);
  tablet.get("sip:other@alpha.example");
  CHECK(tablet.report().cause == Cause::not_in_profile);
  CHECK(tablet->copies().empty());
  CHECK(bench.bravo.refusals(Cause::not_a_member) == 2);
  CHECK(bench.bravo.refusals(Cause::not_in_profile) == 1);

  SECTION("a member whose services are others than the group's") {
    UserProfile profile = sample_profile(ben, group_id);
    profile.services = Services::of(Service::mcvideo);
    bench.bravo.import_user(profile);
    GroupConfiguration group = group_with({ben});
    group.services = Services::of(Service::mcptt);
    bench.alpha.import(group);
    bench.world.pass(DurationMs{100});
    TestClient phone(bench.world, bench.bravo, ben);
    phone.log_on();
    phone.reports();
    phone.get(group_id);
    CHECK(phone.report().cause == Cause::service_unknown);
  }
}

TEST_CASE("when the home cannot be reached then clients are told that their copies are stale",
          "[10.2.7.1]") {
  Bench bench;
  TestClient phone(bench.world, bench.bravo, ben);
  phone.subscribe(group_id);
  phone.log_on();
  REQUIRE(phone.copy(group_id) != nullptr);
  bench.world.pass(DurationMs{5000});
  phone.reports();
  bench.world.cut("sip:alpha.example", "sip:bravo.example");
  bench.world.pass(DurationMs{100});
  CHECK(phone.copy(group_id)->stale);
  CHECK(phone.copy(group_id)->age_ms < 5'000);  // since the home was in reach, not since it told
  CHECK(phone.report().kind == Kind::freshness);
  phone.pass(20'000);
  phone.reports();
  phone.get(group_id);
  const auto got = phone.report();
  CHECK(got.stale);
  CHECK(got.age_ms >= 20'000);
  CHECK(got.age_ms < 25'000);
  CHECK(got.configuration == group_with({ben}));
  bench.world.heal("sip:alpha.example", "sip:bravo.example");
  phone.pass(60'000);
  CHECK_FALSE(phone.copy(group_id)->stale);
}

TEST_CASE("when a user has several clients then each is told, and each logs off alone",
          "[10.2.7.1]") {
  Bench bench;
  TestClient phone(bench.world, bench.bravo, ben);
  TestClient tablet(bench.world, bench.bravo, ben, "tablet");
  for (TestClient* client : {&phone, &tablet}) {
    client->subscribe(group_id);
    client->log_on();
  }
  phone.log_off();
  bench.alpha.import(group_with({ben}, 9));
  bench.world.pass(DurationMs{100});
  CHECK(phone.copy(group_id) == nullptr);
  CHECK(tablet.copy(group_id)->configuration.group_priority == 9);
}

TEST_CASE("when a client connects again then the newest session counts", "[10.2.7.1]") {
  Bench bench;
  TestClient old(bench.world, bench.bravo, ben);
  old.log_on();
  TestClient renewed(bench.world, bench.bravo, ben);
  renewed.log_on();
  old.pump();
  CHECK_FALSE(old.is_open());
  CHECK(renewed->is_logged_on());
  renewed.reports();
  renewed.get(group_id);
  CHECK(renewed.report().kind == Kind::got);
}

TEST_CASE("when a profile is removed then the user's clients are logged off and let go",
          "[10.2.7.1]") {
  Bench bench;
  TestClient phone(bench.world, bench.bravo, ben);
  phone.subscribe(group_id);
  phone.log_on();
  phone.reports();
  CHECK(bench.bravo.remove_user(ben) == OutcomeKind::done);
  bench.world.pass(DurationMs{100});
  const auto reports = phone.reports();
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].kind == Kind::withdrawn);
  CHECK(reports[1].kind == Kind::logged_off);
  CHECK(reports[1].cause == Cause::user_unknown);
  CHECK(phone->copies().empty());
  CHECK_FALSE(phone.is_open());

  SECTION("and so they are when a reload gives the user to a partner") {
    bench.bravo.import_user(sample_profile(ben, group_id));
    phone.connect();
    CHECK(phone->is_logged_on());
    engine::Configuration b = bravo_configuration();
    b.partners[0].users.push_back(ben);
    bench.bravo.reload(b);
    bench.world.pass(DurationMs{100});
    phone.pump();
    CHECK_FALSE(phone.is_open());
  }
}

TEST_CASE("when a client falls silent then its session and its log-on end", "[10.2.7.1]") {
  Bench bench;
  TestClient phone(bench.world, bench.bravo, ben);
  phone.log_on();
  bench.world.pass(DurationMs{limits::peer_dead_ms + 1'000});
  phone.pump();
  CHECK_FALSE(phone.is_open());
  CHECK(bench.bravo.refusals(Cause::silent) == 1);
  SECTION("one that lives sends heartbeats and stays") {
    phone.connect();
    phone.pass(5 * limits::peer_dead_ms);
    CHECK(phone->is_logged_on());
  }
}

TEST_CASE("when a user has as many clients as can be then one more is refused", "[10.2.7.1]") {
  Bench bench;
  std::vector<std::unique_ptr<TestClient>> clients;
  for (std::size_t i = 0; i < limits::clients_per_user_max; ++i) {
    clients.push_back(
        std::make_unique<TestClient>(bench.world, bench.bravo, ben, std::to_string(i)));
    clients.back()->log_on();
    REQUIRE((*clients.back())->is_logged_on());
  }
  TestClient one_more(bench.world, bench.bravo, ben);
  one_more.log_on();
  CHECK(one_more.report().cause == Cause::client_limit);
  clients[0]->log_off();
  one_more.pass(limits::push_again_passing_ms + 1'000);
  CHECK(one_more->is_logged_on());  // it tries again by itself
}

TEST_CASE("when a client does not answer a notification then it is told again", "[10.2.7.1]") {
  Bench bench;
  TestClient phone(bench.world, bench.bravo, ben);
  phone.log_on();
  phone.subscribe(group_id);
  phone.reports();
  bench.alpha.import(group_with({ben}, 9));
  bench.world.pass(DurationMs{100});
  bench.alpha.import(group_with({ben}, 10));
  bench.world.pass(DurationMs{100});
  // It has not looked yet: one is on the way, the newest follows.
  const std::size_t told = count(bench.bravo, "10.1.2/notify");
  bench.world.pass(DurationMs{limits::exchange_ms + 1'000});
  CHECK(count(bench.bravo, "10.1.2/notify") == told + 1);
  CHECK(bench.bravo.refusals(Cause::timed_out) == 1);
  CHECK(phone.copy(group_id)->configuration.group_priority == 10);
}

TEST_CASE("when the gateway lost a group and its home is away then the client keeps its copy",
          "[10.2.7.1]") {
  Bench bench;
  TestClient phone(bench.world, bench.bravo, ben);
  phone.subscribe(group_id);
  phone.log_on();
  REQUIRE(phone.copy(group_id) != nullptr);
  bench.world.cut("sip:alpha.example", "sip:bravo.example");
  bench.world.close_raw({0});
  bench.bravo.crash();
  phone.pump();
  bench.bravo.lose_store();
  bench.bravo.start();
  bench.world.pass(DurationMs{1000});
  bench.bravo.import_user(sample_profile(ben, group_id));
  phone.connect();
  CHECK(phone->is_logged_on());
  REQUIRE(phone.copy(group_id) != nullptr);
  CHECK(phone.copy(group_id)->stale);
  bench.world.heal("sip:alpha.example", "sip:bravo.example");
  phone.pass(60'000);
  REQUIRE(phone.copy(group_id) != nullptr);
  CHECK_FALSE(phone.copy(group_id)->stale);
}

TEST_CASE("when a client logs off while it is told of a group then it keeps nothing of it",
          "[10.2.7.1]") {
  Bench bench;
  TestClient phone(bench.world, bench.bravo, ben);
  phone.subscribe(group_id);
  phone.log_on();
  bench.alpha.import(group_with({ben}, 9));
  bench.world.pass(DurationMs{100});  // it has not read the notification yet
  phone.log_off();
  CHECK_FALSE(phone->is_logged_on());
  CHECK(phone.copy(group_id) == nullptr);
}

TEST_CASE("when the system logs a client off then the client's answer is no fault of the client",
          "[10.2.7.1]") {
  Bench bench;
  TestClient phone(bench.world, bench.bravo, ben);
  phone.log_on();
  REQUIRE(phone->is_logged_on());
  engine::Configuration b = bravo_configuration();
  b.services = Services::of(Service::mcdata);
  UserProfile profile = sample_profile(ben, group_id);
  profile.services = Services::of(Service::mcptt);
  bench.bravo.import_user(profile);
  bench.bravo.reload(b);
  bench.bravo.import_user(sample_profile(ben, group_id));
  phone.pump();
  CHECK(bench.bravo.refusals(Cause::not_logged_on) == 0);
}
