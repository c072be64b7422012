// SPDX-License-Identifier: Apache-2.0
// 10.2.7.3 under bad luck: resynchronisation goes on, and what our overlay leaves is served safely.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using wire::fb::Body;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

engine::Configuration bravo_that_waits() {
  engine::Configuration configuration = bravo_configuration();
  configuration.partners[0].addresses.clear();
  return configuration;
}

void provide(RawPeer& alpha, std::uint64_t exchange, const GroupConfiguration& group) {
  alpha.send(wire::build_group_configuration_provision_request(alpha.ask(exchange), group.group_id,
                                                               {1}, &group));
}

}  // namespace

TEST_CASE("when our overlay leaves no service then a fetch is refused and the group is kept") {
  engine::Configuration b = bravo_configuration();
  engine::OverlayPolicy overlay;
  overlay.groups = "*";
  overlay.drop_services = Services::of(Service::mcptt);
  b.partners[0].overlays = {overlay};
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  McSystem& bravo = world.add(b);
  alpha.start();
  bravo.start();
  world.pass(DurationMs{2'000});
  GroupConfiguration group = sample_configuration(2, group_id);
  group.services = Services::of(Service::mcptt);
  alpha.import(group);
  CHECK(bravo.fetch(group_id) == OutcomeKind::failed);
  CHECK(bravo.last_cause == Cause::service_unknown);
  CHECK(bravo.fetch(group_id) == OutcomeKind::failed);  // now from what is stored
  CHECK(bravo.last_cause == Cause::service_unknown);
  CHECK(bravo.services_notified(group_id).empty());
  b.partners[0].overlays.clear();
  bravo.reload(b);
  CHECK(bravo.fetch(group_id) == OutcomeKind::done);
}

TEST_CASE("when refreshes time out then the others go on, and they are tried again") {
  McSystems world;
  McSystem& bravo = world.add(bravo_that_waits());
  bravo.start();
  constexpr std::uint64_t groups = 6;
  {
    RawPeer alpha(world, bravo, "sip:alpha.example", {77});
    for (std::uint64_t i = 1; i <= groups; ++i) {
      provide(alpha, i, sample_configuration(1, "sip:g" + std::to_string(i) + "@alpha.example"));
    }
  }
  RawPeer rebuilt(world, bravo, "sip:alpha.example", {79});
  std::size_t asked = 0;
  for (int i = 0; i < 8; ++i) {
    world.pass(DurationMs{limits::exchange_ms});
    rebuilt.send(wire::build_heartbeat(0, 0));
    asked += rebuilt.count(Body::GroupConfigurationRequest);
  }
  CHECK(asked > groups);
}

TEST_CASE("when a home was rebuilt while it was no partner then its groups are requested anew") {
  McSystems world;
  McSystem& bravo = world.add(bravo_that_waits());
  bravo.start();
  {
    RawPeer alpha(world, bravo, "sip:alpha.example", {77});
    provide(alpha, 1, sample_configuration(1, group_id));
  }
  engine::Configuration alone = bravo_that_waits();
  alone.partners.clear();
  bravo.reload(alone);
  world.pass(DurationMs{1'000});
  bravo.reload(bravo_that_waits());
  RawPeer rebuilt(world, bravo, "sip:alpha.example", {79});
  CHECK(rebuilt.next(Body::GroupConfigurationRequest) != nullptr);
}

TEST_CASE("when a frame is longer than the peer takes then it is not sent") {
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  alpha.start();
  RawPeer bravo(world, alpha, "sip:bravo.example", {77}, RawPeer::Greets::no);
  bravo.send(build_other_hello(bravo.id(), wire::protocol_version, 2'000));
  GroupConfiguration group = sample_configuration(0, group_id);
  group.members = sample_members(100, "bravo.example");
  alpha.import(group);
  world.settle();
  CHECK(bravo.next(Body::GroupConfigurationProvisionRequest) == nullptr);
  CHECK(alpha.refusals(Cause::frame_too_long) == 1);
  bravo.send(wire::build_group_configuration_request(bravo.ask(1), group_id, {}, {}));
  const auto* answer = bravo.next(Body::GroupConfigurationResponse);
  REQUIRE(answer != nullptr);
  CHECK(answer->body_as_GroupConfigurationResponse()->cause() ==
        static_cast<std::uint16_t>(Cause::frame_too_long));
  CHECK(bravo.is_open());
}
