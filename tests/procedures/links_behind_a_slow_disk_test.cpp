// SPDX-License-Identifier: Apache-2.0
// A link must come up whatever the disk of either end takes for its first commit.

#include <catch2/catch_test_macros.hpp>

#include "core/wire/build.h"
#include "tests/support/mc_systems.h"

using namespace bivouac;
using namespace bivouac::test;

TEST_CASE("when the first commit is slow then nothing overtakes our Hello", "[links]") {
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  McSystem& bravo = world.add(bravo_configuration());
  alpha.start();
  world.settle();
  bravo.hold_commits = true;
  bravo.start();
  world.settle();
  const ConnectionId connection = world.connect_raw(bravo, "sip:alpha.example");
  world.send_raw(connection, wire::build_hello("sip:alpha.example", {7}));
  CHECK(
      world.received_raw(connection).empty());  // our Hello waits for the disk, and nothing leaves
  bravo.hold_commits = false;
  world.pass(DurationMs{100});
  const Bytes first = world.received_raw(connection);
  REQUIRE(first.size() > limits::frame_header_bytes);
  const Bytes body(first.begin() + limits::frame_header_bytes, first.end());
  CHECK(wire::fb::GetEnvelope(body.data())->body_type() == wire::fb::Body::Hello);
}
