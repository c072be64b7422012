// SPDX-License-Identifier: Apache-2.0
// 10.2.7.2, 10.2.7.3 when rules change under groups that are stored: MC services come and go,
// rights are taken away, a link is cut in the middle of a pull. Topology: alpha and bravo, one
// link, dialled by bravo. Pass: nobody is left with less, or more, than the rules and the home say.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/mc_systems.h"

using namespace bivouac;
using namespace bivouac::test;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

GroupConfiguration shared_group(std::string_view id = group_id) {
  GroupConfiguration group = sample_configuration(3, id);
  group.members.push_back(sample_members(1, "bravo.example")[0]);
  sort_members(group);
  return group;
}

engine::Configuration bravo_with(Services services) {
  engine::Configuration b = bravo_configuration();
  b.services = services;
  return b;
}

struct Pair {
  McSystems world;
  McSystem& alpha;
  McSystem& bravo;

  explicit Pair(engine::Configuration b = bravo_configuration())
      : alpha(world.add(alpha_configuration())), bravo(world.add(std::move(b))) {
    alpha.start();
    bravo.start();
    world.pass(DurationMs{2000});
  }
};

}  // namespace

TEST_CASE("when an MC service is added then its server learns of the stored groups at once",
          "[10.2.7.2]") {
  const Services one = Services::of(Service::mcptt);
  Pair pair(bravo_with(one));
  std::vector<std::string> groups;
  for (int i = 0; i < 10; ++i) {
    groups.push_back("sip:fire-" + std::to_string(i) + "@alpha.example");
    pair.alpha.import(shared_group(groups.back()));
  }
  const std::string own = "sip:own@bravo.example";
  pair.bravo.import(sample_configuration(2, own));
  groups.push_back(own);
  pair.world.pass(DurationMs{1000});
  REQUIRE(pair.bravo.services_notified(group_id) == one);
  pair.world.cut("sip:alpha.example", "sip:bravo.example");  // nobody has to be asked

  const Services two = one | Services::of(Service::mcdata);
  pair.bravo.reload(bravo_with(two));
  SECTION("at the reload") { pair.world.pass(DurationMs{100}); }
  SECTION("although the gateway was started again before it was done") {
    pair.bravo.crash();
    pair.bravo.start();
    pair.world.pass(DurationMs{100});
  }
  for (const std::string& group : groups) {
    CHECK(pair.bravo.services_notified(group) == two);
  }

  pair.bravo.reload(bravo_with(Services::of(Service::mcdata)));
  pair.world.pass(DurationMs{100});
  for (const std::string& group : groups) {
    CHECK(pair.bravo.services_notified(group) == Services::of(Service::mcdata));
  }
}

TEST_CASE("when the link is cut in the middle of a pull then a stored copy is served, as stale",
          "[10.2.7.3]") {
  Pair pair;
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  pair.world.cut_after("sip:alpha.example", "sip:bravo.example", 20);
  pair.bravo.notes.clear();
  CHECK(pair.bravo.fetch(group_id) == OutcomeKind::done);
  CHECK(pair.bravo.effective(group_id) == shared_group());
  const auto steps = pair.bravo.steps();
  CHECK(std::ranges::count(steps, "10.2.7.3/2") == 1);  // the home was asked
  CHECK(std::ranges::count(steps, "10.2.7.3/4") == 0);  // and its answer never came
}

TEST_CASE("when the right to provide is taken away then the home may still withdraw what it gave",
          "[10.2.7.2]") {
  Pair pair;
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  engine::Configuration b = bravo_configuration();
  b.partners[0].rights.provide.clear();
  pair.bravo.reload(b);
  GroupConfiguration changed = shared_group();
  changed.display_name = "changed";
  pair.alpha.import(changed);
  pair.world.pass(DurationMs{100});
  CHECK(pair.bravo.effective(group_id) == shared_group());
  CHECK(pair.bravo.refusals(Cause::not_authorised) == 1);

  pair.alpha.remove(group_id);
  pair.world.pass(DurationMs{100});
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());
  CHECK(pair.bravo.services_notified(group_id).empty());
  CHECK(pair.bravo.refusals(Cause::not_authorised) == 1);
}
