// SPDX-License-Identifier: Apache-2.0
// 10.2.7.2: a push that comes late, over a connection that was cut off, when the group is withdrawn
// already (P6). Topology: bravo, and a home (alpha) that says what the test says. Pass: the group
// stays away until the home provides it anew.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using wire::fb::Body;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

struct Bench {
  McSystems world;
  McSystem& bravo = world.add(bravo_configuration());
  GroupConfiguration group = sample_configuration(3, group_id);

  Bench() {
    bravo.start();
    world.settle();
  }
  /// Null: withdrawn.
  Cause push(RawPeer& alpha, std::uint64_t exchange, std::uint64_t revision,
             const GroupConfiguration* configuration, std::uint64_t answered_up_to = 0) {
    alpha.send(wire::build_group_configuration_provision_request(
        alpha.ask(exchange, answered_up_to), group_id, {revision}, configuration));
    const auto* answer = alpha.next(Body::GroupConfigurationProvisionResponse);
    REQUIRE(answer != nullptr);
    return static_cast<Cause>(answer->body_as_GroupConfigurationProvisionResponse()->cause());
  }
  bool is_there() const { return bravo.effective(group_id).has_value(); }
};

}  // namespace

TEST_CASE("when a push comes after the tombstone that followed it then the group stays away",
          "[10.2.7.2]") {
  Bench bench;
  RawPeer alpha(bench.world, bench.bravo, "sip:alpha.example");
  SECTION("it was stored before") {
    CHECK(bench.push(alpha, 1, 3, &bench.group) == Cause::none);
    CHECK(bench.is_there());
  }
  SECTION("it never came") {}
  CHECK(bench.push(alpha, 2, 4, nullptr, 1) == Cause::none);
  CHECK_FALSE(bench.is_there());
  RawPeer late(bench.world, bench.bravo, "sip:alpha.example");
  CHECK(bench.push(late, 1, 3, &bench.group) == Cause::revision_stale);
  CHECK_FALSE(bench.is_there());
  CHECK(bench.bravo.refusals(Cause::revision_stale) == 1);

  SECTION("the home provides it anew") {
    CHECK(bench.push(late, 5, 5, &bench.group) == Cause::none);
    CHECK(bench.is_there());
  }
  SECTION("a home with another store is believed") {
    RawPeer rebuilt(bench.world, bench.bravo, "sip:alpha.example", {78});
    CHECK(bench.push(rebuilt, 1, 1, &bench.group) == Cause::none);
    CHECK(bench.is_there());
  }
}
