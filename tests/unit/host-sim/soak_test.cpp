// SPDX-License-Identifier: Apache-2.0
#include "host-sim/soak/soak.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "core/base/assert.h"
#include "host-sim/scenario/check.h"
#include "host-sim/soak/guarded.h"
#include "host-sim/soak/judged_run.h"
#include "host-sim/soak/planting.h"
#include "host-sim/soak/shrink.h"
#include "host-sim/soak/swarm.h"

namespace bivouac::sim {

TEST_CASE("when a seed is drawn twice then it is the same scenario, and another seed is another") {
  CHECK(draw(7).scenario == draw(7).scenario);
  CHECK(draw(7).options == draw(7).options);
  CHECK(draw(7).scenario != draw(8).scenario);
}

TEST_CASE("when scenarios are drawn then each can be written to a file and read back") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Scenario drawn = draw(seed).scenario;
    const Parsed parsed = parse(print(drawn), "drawn");
    CHECK(parsed.problems == std::vector<std::string>{});
    CHECK(parsed.scenario == drawn);
  }
}

TEST_CASE("when a scenario is shrunk then only what matters is left") {
  const auto has_both = [](const Scenario& scenario) {
    const auto counts = [&](Verb verb) {
      return std::ranges::count(scenario.steps, verb, &Statement::verb);
    };
    return counts(Verb::import) >= 2 && counts(Verb::remove) >= 1;
  };
  const Scenario whole = draw(1).scenario;
  REQUIRE(has_both(whole));
  const Scenario small = shrink(whole, has_both, 5'000);
  CHECK(has_both(small));
  CHECK(small.steps.size() == 3);
  CHECK(small.declarations.empty());
}

TEST_CASE("when the tries are used up then the shrunk scenario still fails") {
  const auto is_long = [](const Scenario& scenario) { return scenario.steps.size() > 50; };
  CHECK(is_long(shrink(draw(1).scenario, is_long, 3)));
}

TEST_CASE("when a rule of our own breaks then the run says which and goes on") {
  const std::string broken = guarded([] { BIVOUAC_ASSERT(1 + 1 == 3); });
  CHECK(broken.find("1 + 1 == 3") != std::string::npos);
  CHECK(guarded([] {}).empty());
}

TEST_CASE("when a group that a partner should have is not there then convergence is violated") {
  const auto verdict_of = [](const std::string& more) {
    const std::string text =
        "system alpha\nsystem bravo\nlink bravo dials alpha\n"
        "group fire-1@alpha members=ben@bravo\n\nstart all\n"
        "at 5s operator alpha imports fire-1@alpha\n" +
        more + "\nfinally after 60s\n";
    const Parsed parsed = parse(text, "text");
    REQUIRE(parsed.problems.empty());
    return judged_run(parsed.scenario, {}, false).violations;
  };
  CHECK(verdict_of("").empty());
  // The link is cut and nobody heals it: what is pending has not arrived.
  const auto cut =
      verdict_of("after 5s cut alpha bravo\noperator alpha imports fire-1@alpha disabled=yes\n");
  REQUIRE(cut.size() == 1);
  CHECK(cut[0].find("convergence: ") != std::string::npos);
  CHECK(cut[0].find("not what its home would give") != std::string::npos);
}

TEST_CASE("when a build has no known bugs then none can be planted") {
  CHECK(plant("outbox_entry_lost").find("no planted bugs") != std::string::npos);
  CHECK(plant("outbox_entry_lots").find("did you mean outbox_entry_lost") != std::string::npos);
}

TEST_CASE("when a soak has a number of seeds then it runs so many") {
  SoakOptions options;
  options.seeds_max = 2;
  options.seconds = 600;
  const SoakResult result = soak(options, [](const SoakTotals&) {});
  CHECK(result.totals.seeds == 2);
  CHECK(result.totals.requests > 100);
  CHECK_FALSE(result.failure.has_value());
}

}  // namespace bivouac::sim
