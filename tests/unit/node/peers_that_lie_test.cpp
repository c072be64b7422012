// SPDX-License-Identifier: Apache-2.0
// What a partner with a good certificate can do with messages that are not true: nothing.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using wire::fb::Body;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

/// Bravo, with alpha as a home that can be asked, and charlie, who lies.
engine::Configuration bravo_with_charlie() {
  engine::Configuration configuration = bravo_configuration();
  configuration.partners[0].addresses.clear();
  engine::Partner charlie;
  charlie.system_id = "sip:charlie.example";
  charlie.users = {"sip:*@charlie.example"};
  charlie.groups = {"sip:*@charlie.example"};
  configuration.partners.push_back(charlie);
  return configuration;
}

struct Bench {
  McSystems world;
  McSystem& bravo = world.add(bravo_with_charlie());
  Bench() {
    bravo.start();
    world.settle();
  }
};

}  // namespace

TEST_CASE("when a peer answers in the name of our own group management server then it is refused") {
  Bench bench;
  RawPeer alpha(bench.world, bench.bravo, "sip:alpha.example");
  RawPeer charlie(bench.world, bench.bravo, "sip:charlie.example");
  begin(bench.bravo, wire::build_group_fetch_request(group_id, {}));
  bench.world.settle();
  const auto* asked = alpha.next(Body::GroupConfigurationRequest);
  REQUIRE(asked != nullptr);
  const Incarnation own{asked->origin_incarnation()};
  const GroupConfiguration forged = sample_configuration(3, group_id);
  for (std::uint64_t back = 0; back < 4; ++back) {  // the request of our MC service server
    charlie.send(wire::build_get_group_configuration_response(
        charlie.answer(asked->exchange() - back, own), group_id, Cause::none, &forged, 0));
  }
  charlie.send(wire::build_notify_group_configuration_request(charlie.ask(1), group_id,
                                                              Service::mcptt, &forged));
  CHECK(charlie.next(Body::Refusal) != nullptr);
  CHECK(bench.bravo.services_notified(group_id).empty());
  CHECK(bench.bravo.view().scan(store::prefix(store::RecordKind::policy)).empty());
  CHECK(bench.bravo.refusals(Cause::message_unexpected) == 5);
  CHECK(charlie.is_open());
}

TEST_CASE("when a peer answers a request that another one was asked then that one's goes on") {
  Bench bench;
  RawPeer alpha(bench.world, bench.bravo, "sip:alpha.example");
  RawPeer charlie(bench.world, bench.bravo, "sip:charlie.example");
  begin(bench.bravo, wire::build_group_fetch_request(group_id, {}));
  bench.world.settle();
  const auto* asked = alpha.next(Body::GroupConfigurationRequest);
  REQUIRE(asked != nullptr);
  const std::uint64_t exchange = asked->exchange();
  const Incarnation own{asked->origin_incarnation()};
  charlie.send(wire::build_group_configuration_provision_response(charlie.answer(exchange, own),
                                                                  group_id, Cause::none));
  charlie.send(wire::build_group_configuration_response(charlie.answer(exchange, own), group_id,
                                                        Cause::group_unknown, {}, nullptr));
  charlie.send(wire::build_refusal(charlie.answer(exchange, own), Cause::overloaded));
  CHECK(bench.bravo.refusals(Cause::message_unexpected) == 3);

  SECTION("its answer counts") {
    const GroupConfiguration group = sample_configuration(3, group_id);
    alpha.send(wire::build_group_configuration_response(alpha.answer(exchange, own), group_id,
                                                        Cause::none, {1}, &group));
    CHECK(bench.bravo.effective(group_id) == group);
  }
  SECTION("it times out, and the group can be asked for again") {
    bench.world.pass(DurationMs{limits::exchange_ms + 1});
    CHECK(bench.bravo.refusals(Cause::timed_out) == 1);
    begin(bench.bravo, wire::build_group_fetch_request(group_id, {}), 900'001);
    bench.world.settle();
    CHECK(alpha.next(Body::GroupConfigurationRequest) != nullptr);
  }
}

TEST_CASE("when an answer is to a request of an older store of ours then it is no answer") {
  Bench bench;
  RawPeer alpha(bench.world, bench.bravo, "sip:alpha.example");
  begin(bench.bravo, wire::build_group_fetch_request(group_id, {}));
  bench.world.settle();
  const auto* asked = alpha.next(Body::GroupConfigurationRequest);
  REQUIRE(asked != nullptr);
  const GroupConfiguration old = sample_configuration(3, group_id);
  alpha.send(wire::build_group_configuration_response(
      alpha.answer(asked->exchange(), {asked->origin_incarnation() + 2}), group_id, Cause::none,
      {9}, &old));
  CHECK_FALSE(bench.bravo.effective(group_id).has_value());
  CHECK(bench.bravo.refusals(Cause::exchange_expired) == 1);
}

TEST_CASE("when a request names another incarnation than the Hello did then it is refused") {
  Bench bench;
  RawPeer alpha(bench.world, bench.bravo, "sip:alpha.example");
  const GroupConfiguration group = sample_configuration(3, group_id);
  wire::Address address = alpha.ask(5);
  address.origin_incarnation = {78};
  alpha.send(wire::build_group_configuration_provision_request(address, group_id, {1}, &group));
  const auto* refusal = alpha.next(Body::Refusal);
  REQUIRE(refusal != nullptr);
  CHECK(refusal->origin()->string_view() == "sip:bravo.example");
  CHECK(refusal->body_as_Refusal()->cause() == static_cast<std::uint16_t>(Cause::exchange_expired));
  CHECK_FALSE(bench.bravo.effective(group_id).has_value());
}

TEST_CASE("when a home confirms what it was not told then it is not asked again at once") {
  Bench bench;
  {
    RawPeer alpha(bench.world, bench.bravo, "sip:alpha.example", {77});
    const GroupConfiguration group = sample_configuration(3, group_id);
    alpha.send(
        wire::build_group_configuration_provision_request(alpha.ask(5), group_id, {4}, &group));
    REQUIRE(bench.bravo.effective(group_id).has_value());
  }
  RawPeer rebuilt(bench.world, bench.bravo, "sip:alpha.example", {79});
  for (int i = 0; i < 3; ++i) {
    const auto* asked = rebuilt.next(Body::GroupConfigurationRequest);
    REQUIRE((asked != nullptr) == (i == 0));
    if (asked == nullptr) break;
    rebuilt.send(wire::build_group_configuration_response(
        rebuilt.answer(asked->exchange(), {asked->origin_incarnation()}), group_id, Cause::none,
        {4}, nullptr));
  }
  CHECK(bench.bravo.refusals(Cause::field_missing) == 1);
  bench.world.pass(DurationMs{limits::push_again_ms - 30'000});
  CHECK(bench.bravo.effective(group_id).has_value());
}

TEST_CASE("when a peer answers a push for another group then it is not sent again at once") {
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  alpha.start();
  RawPeer bravo(world, alpha, "sip:bravo.example");
  GroupConfiguration group = sample_configuration(0, group_id);
  group.members = sample_members(1, "bravo.example");
  alpha.import(group);
  const auto* pushed = bravo.next(Body::GroupConfigurationProvisionRequest);
  REQUIRE(pushed != nullptr);
  const std::uint64_t exchange = pushed->exchange();
  const Incarnation own{pushed->origin_incarnation()};
  for (int i = 0; i < 5; ++i) {
    bravo.send(wire::build_group_configuration_provision_response(
        bravo.answer(exchange, own), "sip:other@alpha.example", Cause::none));
  }
  CHECK(bravo.count(Body::GroupConfigurationProvisionRequest) == 0);
  CHECK(alpha.refusals(Cause::message_unexpected) == 5);

  SECTION("a cause that has no name here is counted as one that has") {
    for (std::uint16_t cause = 500; cause < 505; ++cause) {
      bravo.send(wire::build_group_configuration_provision_response(
          bravo.answer(exchange, own), group_id, static_cast<Cause>(cause)));
    }
    CHECK(alpha.refusals(Cause::policy) >= 1);
    CHECK(alpha.refusals(static_cast<Cause>(500)) == 0);
  }
}

TEST_CASE("when a request is for another system then it is refused in that one's name") {
  Bench bench;
  RawPeer alpha(bench.world, bench.bravo, "sip:alpha.example");
  wire::Address address = alpha.ask(5);
  address.target = "sip:nowhere.example";
  alpha.send(wire::build_group_configuration_request(address, group_id, {}, {}));
  const auto* refusal = alpha.next(Body::Refusal);
  REQUIRE(refusal != nullptr);
  CHECK(refusal->origin()->string_view() == "sip:nowhere.example");
  CHECK(refusal->exchange() == 5);
  CHECK(bench.bravo.refusals(Cause::target_unknown) == 1);
  CHECK(alpha.is_open());
}

TEST_CASE("when a peer speaks for another system then it gets no answer, and is counted") {
  Bench bench;
  RawPeer charlie(bench.world, bench.bravo, "sip:charlie.example");
  wire::Address address = charlie.ask(5);
  address.origin = "sip:alpha.example";
  const GroupConfiguration group = sample_configuration(3, group_id);
  charlie.send(wire::build_group_configuration_provision_request(address, group_id, {1}, &group));
  charlie.next(Body::Hello);
  CHECK(charlie.next() == nullptr);
  CHECK(bench.bravo.refusals(Cause::origin_not_permitted) == 1);
  CHECK_FALSE(bench.bravo.effective(group_id).has_value());
}

TEST_CASE("when a peer keeps every answer unread then its own window fills, and nobody else's") {
  Bench bench;
  RawPeer alpha(bench.world, bench.bravo, "sip:alpha.example");
  GroupConfiguration group = sample_configuration(1, group_id);
  for (std::uint64_t i = 1; i <= limits::exchanges_per_peer_max + 1; ++i) {
    group.hang_timer_ms = static_cast<std::uint32_t>(i);
    alpha.send(
        wire::build_group_configuration_provision_request(alpha.ask(i), group_id, {i}, &group));
  }
  CHECK(bench.bravo.refusals(Cause::overloaded) == 1);
  const std::uint64_t next = limits::exchanges_per_peer_max + 2;
  group.hang_timer_ms = 0;
  alpha.send(wire::build_group_configuration_provision_request(alpha.ask(next, next - 1), group_id,
                                                               {next}, &group));
  CHECK(bench.bravo.effective(group_id)->hang_timer_ms == 0);
}
