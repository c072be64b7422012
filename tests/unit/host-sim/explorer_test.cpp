// SPDX-License-Identifier: Apache-2.0
#include "host-sim/explore/explorer.h"

#include <catch2/catch_test_macros.hpp>

#include "host-sim/scenario/run.h"

namespace bivouac::sim {
namespace {

constexpr std::string_view small =
    "system alpha services=none\nsystem bravo services=mcptt\nlink bravo dials alpha\n"
    "group fire-1@alpha services=mcptt members=ben@bravo\n\n"
    "start all\n"
    "operator alpha imports fire-1@alpha\n\n"
    "finally after 1s\n";

Explored explore_text(const std::string& text, const ExploreOptions& options) {
  const Parsed parsed = parse(text, "text");
  REQUIRE(parsed.problems == std::vector<std::string>{});
  return explore(parsed.scenario, options, [](const Explored&) {});
}

}  // namespace

TEST_CASE("when a scenario is explored without faults then every order holds, to the end") {
  const Explored explored =
      explore_text(std::string(small) + "expect group fire-1@alpha at bravo stale=no\n",
                   {.ticks_max = 0, .cuts_max = 0, .crashes_max = 0});
  CHECK(explored.violation.empty());
  CHECK(explored.exhaustive);
  CHECK(explored.states > 20);
  CHECK(explored.ends > 1);
}

TEST_CASE("when cuts are allowed then there are more states") {
  const ExploreOptions none{.ticks_max = 0, .cuts_max = 0, .crashes_max = 0};
  const ExploreOptions one{.ticks_max = 0, .cuts_max = 1, .crashes_max = 0};
  const std::string text(small);
  CHECK(explore_text(text, one).states > explore_text(text, none).states);
}

TEST_CASE("when a bound is met then the exploration says so") {
  const Explored explored = explore_text(std::string(small), {.states_max = 10});
  CHECK_FALSE(explored.exhaustive);
  CHECK(explored.states == 10);
}

TEST_CASE("when some order breaks what is expected then the shortest one is a scenario that runs") {
  const Explored explored =
      explore_text(std::string(small) + "expect group fire-1@alpha at bravo absent\n",
                   {.ticks_max = 0, .cuts_max = 0, .crashes_max = 0});
  REQUIRE_FALSE(explored.violation.empty());
  REQUIRE(explored.trace.has_value());
  const Parsed parsed = parse(print(*explored.trace), "trace");
  CHECK(parsed.problems == std::vector<std::string>{});
  CHECK(run(parsed.scenario, {}).failures == std::vector<std::string>{});
}

}  // namespace bivouac::sim
