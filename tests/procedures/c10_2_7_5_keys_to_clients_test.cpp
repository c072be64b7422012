// SPDX-License-Identifier: Apache-2.0
// 10.2.7.5, key material for group management clients. Topology: alpha, home of the group; bravo,
// its subscriber, which serves ben; clients of ben at bravo, and one of ada at alpha. Pass: a
// client has the envelopes of its user and no others, and hears of each change of them.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/key_envelopes.h"
#include "tests/support/user_bench.h"

using namespace bivouac;
using namespace bivouac::test;
using Kind = client::Report::Kind;
using wire::fb::OutcomeKind;

namespace {

const std::string ada = "sip:ada@alpha.example";
const std::string bob = "sip:bob@bravo.example";

engine::Configuration home() {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.subscribe = {"*"};
  return a;
}

struct Bench : UserBench {
  Bench() : UserBench(home()) {
    alpha.import_user(sample_profile(ada, group_id, "sip:alpha.example"));
    alpha.import(group_with({ada, ben, bob}));
    REQUIRE(bravo.subscribe(group_id) == OutcomeKind::done);
    world.pass(DurationMs{100});
  }
  void import(std::vector<KeyEnvelope> envelopes) {
    REQUIRE(alpha.import_keys(group_id, std::move(envelopes)) == OutcomeKind::done);
    world.pass(DurationMs{100});
  }
};

struct SubscribedClient : TestClient {
  SubscribedClient(Bench& bench, McSystem& system, const std::string& user)
      : TestClient(bench.world, system, user) {
    subscribe(group_id);
    log_on();
  }
};

}  // namespace

TEST_CASE("when a home notifies key material then each member's client has its own of it",
          "[10.2.7.5]") {
  Bench bench;
  SubscribedClient phone(bench, bench.bravo, ben);
  SubscribedClient other(bench, bench.alpha, ada);
  REQUIRE(phone.copy(group_id) != nullptr);
  CHECK(phone.copy(group_id)->keys.empty());
  bench.import({envelope_for(ada), envelope_for(ben, 1), envelope_for(ben, 2), envelope_for(bob)});
  CHECK(phone.copy(group_id)->keys == std::vector{envelope_for(ben, 1), envelope_for(ben, 2)});
  CHECK(other.copy(group_id)->keys == std::vector{envelope_for(ada)});

  SECTION("what is for others alone is not told") {
    phone.reports();
    bench.import({envelope_for(bob, 2)});
    CHECK(phone.reports().empty());
  }
  SECTION("it is removed with the key material of its home") {
    REQUIRE(bench.alpha.remove_keys(group_id, {1}) == OutcomeKind::done);
    bench.world.pass(DurationMs{100});
    CHECK(phone.copy(group_id)->keys == std::vector{envelope_for(ben, 2)});
    CHECK(other.copy(group_id)->keys.empty());
  }
  SECTION("it goes with the group") {
    REQUIRE(bench.alpha.remove(group_id) == OutcomeKind::done);
    bench.world.pass(DurationMs{100});
    CHECK(phone.copy(group_id) == nullptr);
    CHECK(other.copy(group_id) == nullptr);
  }
  SECTION("it goes with the membership, and comes back with new keys only") {
    bench.alpha.import(group_with({ada, bob}));
    bench.world.pass(DurationMs{100});
    CHECK(phone.copy(group_id) == nullptr);
    bench.alpha.import(group_with({ada, ben, bob}));
    bench.world.pass(DurationMs{100});
    REQUIRE(phone.copy(group_id) != nullptr);
    CHECK(phone.copy(group_id)->keys.empty());
    bench.import({envelope_for(ben, 3)});
    CHECK(phone.copy(group_id)->keys == std::vector{envelope_for(ben, 3)});
  }
  SECTION("a client that has it is told nothing over its next session") {
    phone.reports();
    bench.world.close_raw({0});
    bench.bravo.crash();
    phone.pump();
    bench.bravo.start();
    bench.world.pass(DurationMs{40'000});
    phone.connect();
    CHECK(phone->is_logged_on());
    for (const auto& report : phone.reports()) CHECK(report.kind != Kind::notified);
    CHECK(phone.copy(group_id)->keys.size() == 2);
  }
}

TEST_CASE("when a client gets a group once then its own key material comes with it", "[10.2.7.5]") {
  Bench bench;
  bench.import({envelope_for(ben), envelope_for(bob)});
  TestClient phone(bench.world, bench.bravo, ben);
  phone.log_on();
  phone.reports();
  phone.get(group_id);
  const auto got = phone.report();
  REQUIRE(got.kind == Kind::got);
  CHECK(got.keys == std::vector{envelope_for(ben)});
}

TEST_CASE("when key material expires at the gateway then its clients lose it, also when cut off",
          "[10.2.7.5]") {
  Bench bench;
  bench.alpha.event(engine::Clock{true});
  bench.bravo.event(engine::Clock{true});
  const auto in_a_minute = static_cast<std::uint64_t>(bench.world.now.wall.ms + 60'000);
  bench.import({envelope_for(ben, 1), envelope_for(ben, 2, in_a_minute)});
  SubscribedClient phone(bench, bench.bravo, ben);
  REQUIRE(phone.copy(group_id)->keys.size() == 2);
  bench.world.cut("sip:alpha.example", "sip:bravo.example");
  phone.pass(70'000);
  REQUIRE(phone.copy(group_id) != nullptr);
  CHECK(phone.copy(group_id)->keys == std::vector{envelope_for(ben, 1)});
}
