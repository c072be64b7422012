// SPDX-License-Identifier: Apache-2.0
#include "host-sim/world/world.h"

#include <catch2/catch_test_macros.hpp>

#include "core/wire/operator_message.h"
#include "tests/support/configurations.h"

namespace bivouac::sim {
namespace {

engine::Configuration configuration(const std::string& self, const std::string& other, bool dials) {
  engine::Configuration result;
  result.system_id = "sip:" + self + ".example";
  engine::Partner partner;
  partner.system_id = "sip:" + other + ".example";
  if (dials) partner.addresses = {"127.0.0.1:1"};
  partner.users = {"sip:*@" + other + ".example"};
  partner.groups = {"sip:*@" + other + ".example"};
  partner.rights = {{"sip:*@" + other + ".example"}, {"*"}, {"*"}, {}};
  result.partners = {partner};
  return result;
}

struct Pair {
  explicit Pair(std::uint64_t seed) : world(seed) {
    world.start(alpha);
    world.start(bravo);
    world.run_for({2000});
  }
  World world;
  System& alpha = world.add(configuration("alpha", "bravo", false));
  System& bravo = world.add(configuration("bravo", "alpha", true));
};

}  // namespace

TEST_CASE("when a world runs then its systems link and a group travels") {
  Pair pair(1);
  REQUIRE(pair.alpha.gateway().links_up() == 1);
  auto group = test::sample_configuration(3);
  group.members = test::sample_members(3, "bravo.example");
  const RequestId id = pair.world.request(pair.alpha, wire::build_group_import_request(group));
  pair.world.run_until_answered(id, {1000});
  REQUIRE(pair.world.answer(id) != nullptr);
  pair.world.run_for({1000});
  CHECK(pair.bravo.view().size() > 5);
}

}  // namespace bivouac::sim
