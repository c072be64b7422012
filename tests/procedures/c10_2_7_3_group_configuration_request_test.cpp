// SPDX-License-Identifier: Apache-2.0
// 10.2.7.3: the partner (bravo) requests a group's configuration from its home (alpha).
// Topology: alpha and bravo, one link, dialled by bravo. Pass: bravo's MC service server gets what
// alpha lets bravo see, modified by bravo's policy, and every refusal has its cause.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/mc_systems.h"

using namespace bivouac;
using namespace bivouac::test;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:police-1@alpha.example";

struct Pair {
  McSystems world;
  McSystem& alpha;
  McSystem& bravo;

  explicit Pair(engine::Configuration a = alpha_configuration(),
                engine::Configuration b = bravo_configuration())
      : alpha(world.add(std::move(a))), bravo(world.add(std::move(b))) {
    alpha.start();
    bravo.start();
    world.pass(DurationMs{2000});
    alpha.import(sample_configuration(3, group_id));  // no member of bravo: not pushed by rule
    world.pass(DurationMs{100});
  }
};

std::vector<std::string> steps_of(const McSystem& system) {
  std::vector<std::string> steps;
  for (const std::string& step : system.steps()) {
    if (step.starts_with("10.2.7.3")) steps.push_back(step);
  }
  return steps;
}

}  // namespace

TEST_CASE("when an MC service server asks for a group that is not stored then its home provides it",
          "[10.2.7.1][10.2.7.3]") {
  Pair pair;
  REQUIRE(pair.bravo.fetch(group_id, Services::of(Service::mcptt)) == OutcomeKind::done);
  CHECK(pair.bravo.effective(group_id) == sample_configuration(3, group_id));
  CHECK(steps_of(pair.alpha) == std::vector<std::string>{"10.2.7.3/3"});
  // Step 6 once for each MC service server that is notified, and once for the one that asked.
  CHECK(steps_of(pair.bravo) == std::vector<std::string>{"10.2.7.3/1", "10.2.7.3/2", "10.2.7.3/4",
                                                         "10.2.7.3/5", "10.2.7.3/6", "10.2.7.3/6",
                                                         "10.2.7.3/6", "10.2.7.3/6"});
  CHECK(pair.bravo.services_notified(group_id) == Services::all());
}

TEST_CASE("when what is stored is the newest then a refresh carries no configuration",
          "[10.2.7.3]") {
  Pair pair;
  pair.bravo.fetch(group_id);
  const auto before = pair.world.bytes_delivered;
  CHECK(pair.bravo.fetch(group_id) == OutcomeKind::done);
  CHECK(pair.world.bytes_delivered - before < 700);  // request and answer, no members
  CHECK(steps_of(pair.bravo).back() == "10.2.7.3/6");
}

TEST_CASE("when the group was changed then a refresh brings the change", "[10.2.7.3]") {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.receive.clear();  // alpha does not push
  Pair pair(a);
  pair.bravo.fetch(group_id);
  pair.alpha.import(sample_configuration(9, group_id));
  pair.world.pass(DurationMs{100});
  REQUIRE(pair.bravo.effective(group_id)->members.size() == 3);
  CHECK(pair.bravo.fetch(group_id) == OutcomeKind::done);
  CHECK(pair.bravo.effective(group_id)->members.size() == 9);
}

TEST_CASE("when the partner lacks the right to request then it is refused with the cause only",
          "[10.2.7.3]") {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.request = {"sip:fire-*"};
  Pair pair(a);
  CHECK(pair.bravo.fetch(group_id) == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::not_authorised);
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());
  CHECK(pair.alpha.refusals(Cause::not_authorised) == 1);
  // A stranger does not learn which groups exist.
  CHECK(pair.bravo.fetch("sip:police-none@alpha.example") == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::not_authorised);
}

TEST_CASE("when the home does not know the group then that is remembered for a short while",
          "[10.2.7.3]") {
  Pair pair;
  const std::string unknown = "sip:nobody@alpha.example";
  CHECK(pair.bravo.fetch(unknown) == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::group_unknown);
  CHECK(pair.bravo.fetch(unknown) == OutcomeKind::failed);
  CHECK(steps_of(pair.alpha).size() == 1);  // the second was answered here
  pair.world.pass(DurationMs{limits::unknown_group_ms + 1});
  pair.alpha.import(sample_configuration(1, unknown));
  CHECK(pair.bravo.fetch(unknown) == OutcomeKind::done);
}

TEST_CASE("when the link is down then a stored group is served and another one is unreachable",
          "[10.2.7.3]") {
  Pair pair;
  pair.bravo.fetch(group_id);
  pair.world.cut("sip:alpha.example", "sip:bravo.example");
  CHECK(pair.bravo.fetch(group_id) == OutcomeKind::done);
  CHECK(pair.bravo.fetch("sip:police-2@alpha.example") == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::unreachable);
  CHECK(pair.bravo.fetch("sip:police-2@charlie.example") == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::group_unknown);  // no partner is its home
}

TEST_CASE("when the link is cut while the answer is on its way then the operator is told",
          "[10.2.7.3]") {
  Pair pair;
  pair.world.cut_after("sip:alpha.example", "sip:bravo.example", 20);
  CHECK(pair.bravo.fetch(group_id) == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::unreachable);
  pair.world.pass(DurationMs{40'000});
  CHECK(pair.bravo.fetch(group_id) == OutcomeKind::done);
}

TEST_CASE(
    "when the answer to a pull is lost and the group may be pushed then it is not left behind",
    "[10.2.7.3]") {
  Pair pair;
  pair.bravo.fetch(group_id);
  pair.world.cut_after("sip:alpha.example", "sip:bravo.example", 20);
  pair.alpha.import(sample_configuration(7, group_id));
  pair.bravo.fetch(group_id);
  pair.world.pass(DurationMs{40'000});
  CHECK(pair.bravo.effective(group_id)->members.size() == 7);
}

TEST_CASE("when the service is not one of the group's then the MC service server is refused",
          "[10.2.7.3]") {
  Pair pair;
  GroupConfiguration group = sample_configuration(2, group_id);
  group.services = Services::of(Service::mcptt);
  pair.alpha.import(group);
  CHECK(pair.bravo.fetch(group_id, Services::of(Service::mcdata)) == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::service_unknown);
}

TEST_CASE("when the home's store is rebuilt then its cached groups are requested anew",
          "[10.2.7.3]") {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.receive.clear();
  Pair pair(a);
  for (std::size_t members = 1; members < 5; ++members) {
    pair.alpha.import(sample_configuration(members, group_id));
    pair.bravo.fetch(group_id);
  }
  pair.alpha.crash();
  pair.alpha.lose_store();
  pair.alpha.start();
  pair.alpha.import(sample_configuration(8, group_id));
  pair.world.pass(DurationMs{60'000});
  CHECK(pair.bravo.effective(group_id)->members.size() == 8);

  SECTION("a group that the rebuilt home does not know is served on, marked") {
    pair.alpha.crash();
    pair.alpha.lose_store();
    pair.alpha.start();
    pair.world.pass(DurationMs{60'000});
    CHECK(pair.bravo.effective(group_id)->members.size() == 8);
  }
}

TEST_CASE("when both ends have policies then a pull shows and stores what they leave",
          "[10.2.7.1][10.2.7.3]") {
  engine::Configuration a = alpha_configuration();
  a.partners[0].exposure.hide_members_of_others = true;
  engine::Configuration b = bravo_configuration();
  engine::OverlayPolicy overlay;
  overlay.groups = "*";
  overlay.group_priority = 99;
  b.partners[0].overlays = {overlay};
  Pair pair(a, b);
  REQUIRE(pair.bravo.fetch(group_id) == OutcomeKind::done);
  CHECK(pair.bravo.original(group_id)->members.empty());  // NOTE 3: alpha modified it
  CHECK(pair.bravo.original(group_id)->group_priority == 5);
  CHECK(pair.bravo.effective(group_id)->group_priority == 99);  // step 4
}
