// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/exposure_policy.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"

using namespace bivouac;
using namespace bivouac::test;
using namespace bivouac::gms::home;

namespace {

engine::Partner bravo() {
  engine::Partner partner;
  partner.system_id = "sip:bravo.example";
  partner.users = {"sip:*@bravo.example"};
  partner.rights = {{}, {"*"}, {"*"}, {}};
  return partner;
}

GroupConfiguration mixed_group() {
  GroupConfiguration group = sample_configuration(3);
  group.alias = "local name";
  group.members.push_back(sample_members(1, "bravo.example")[0]);
  sort_members(group);
  return group;
}

}  // namespace

TEST_CASE("when nothing is hidden then the partner sees all but the local name") {
  GroupConfiguration expected = mixed_group();
  expected.alias.clear();
  CHECK(expose(mixed_group(), bravo()) == expected);
}

TEST_CASE("when members of others are hidden then only the partner's own are seen") {
  engine::Partner partner = bravo();
  partner.exposure.hide_members_of_others = true;
  const auto exposed = expose(mixed_group(), partner);
  REQUIRE(exposed.has_value());
  REQUIRE(exposed->members.size() == 1);
  CHECK(exposed->members[0].mc_service_id.ends_with("@bravo.example"));
}

TEST_CASE("when no service is left then the partner sees nothing") {
  engine::Partner partner = bravo();
  partner.exposure.drop_services = Services::of(Service::mcptt) | Services::of(Service::mcvideo);
  GroupConfiguration group = mixed_group();
  CHECK(expose(group, partner)->services == Services::of(Service::mcdata));
  group.services = Services::of(Service::mcptt);
  CHECK_FALSE(expose(group, partner).has_value());
}

TEST_CASE("when a user of the partner is a member then the rule names the partner") {
  CHECK(has_member_of(mixed_group(), bravo()));
  CHECK_FALSE(has_member_of(sample_configuration(3), bravo()));
}

TEST_CASE("when what is seen changes then its digest does, and only then") {
  engine::Partner partner = bravo();
  partner.exposure.hide_members_of_others = true;
  GroupConfiguration group = mixed_group();
  const auto before = exposed_digest(*expose(group, partner));
  group.members.front().user_priority ^= 1;  // of alpha: not seen
  CHECK(exposed_digest(*expose(group, partner)) == before);
  group.hang_timer_ms += 1;
  CHECK(exposed_digest(*expose(group, partner)) != before);
}

TEST_CASE("when one of our rules changes then the digest of the rules does") {
  const auto before = policy_digest(bravo());
  CHECK(policy_digest(bravo()) == before);
  engine::Partner partner = bravo();
  SECTION("users") { partner.users.push_back("sip:x@y.example"); }
  SECTION("receive") { partner.rights.receive.clear(); }
  SECTION("request") { partner.rights.request.clear(); }
  SECTION("members") { partner.exposure.hide_members_of_others = true; }
  SECTION("services") { partner.exposure.drop_services = Services::of(Service::mcdata); }
  SECTION("a pattern that moves from one right to the other") {
    partner.rights.receive = {"*", "*"};
    partner.rights.request.clear();
  }
  CHECK(policy_digest(partner) != before);
}
