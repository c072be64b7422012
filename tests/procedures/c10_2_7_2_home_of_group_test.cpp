// SPDX-License-Identifier: Apache-2.0
// 10.2.7.2, 10.2.7.3: who may be the home of a group. Topology: alpha, home of sip:*@alpha.example,
// and charlie, which bravo lets provide any group; both are partners of bravo. Pass: where a
// pattern names a home, no other system becomes it, bravo itself included.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/mc_systems.h"

using namespace bivouac;
using namespace bivouac::test;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

/// A partner of bravo that is let do everything.
engine::Configuration trusting(std::string_view system_id) {
  engine::Configuration configuration = alpha_configuration();
  configuration.system_id = system_id;
  return configuration;
}

engine::Configuration bravo_with_charlie() {
  engine::Configuration configuration = bravo_configuration();
  engine::Partner charlie = configuration.partners[0];
  charlie.system_id = "sip:charlie.example";
  charlie.users = {"sip:*@charlie.example"};
  charlie.groups = {"sip:*@charlie.example"};
  charlie.rights = {{"*"}, {"*"}, {"*"}, {}};
  configuration.partners.push_back(charlie);
  return configuration;
}

GroupConfiguration group_for_bravo(std::string_view id, std::string_view title) {
  GroupConfiguration group = sample_configuration(0, id);
  group.display_name = title;
  group.members = sample_members(1, "bravo.example");
  return group;
}

struct Three {
  McSystems world;
  McSystem& alpha = world.add(trusting("sip:alpha.example"));
  McSystem& bravo = world.add(bravo_with_charlie());
  McSystem& charlie = world.add(trusting("sip:charlie.example"));

  Three() {
    alpha.start();
    bravo.start();
    charlie.start();
    world.pass(DurationMs{2000});
  }
};

bool was_refused(const McSystem& system, std::string_view who, std::string_view what, Cause cause) {
  return std::ranges::any_of(system.notes, [&](const Note& note) {
    return note.kind == NoteKind::refused && note.subject == who && note.object == what &&
           note.cause == cause;
  });
}

}  // namespace

TEST_CASE(
    "when a partner provides a group whose home a pattern gives to another then it is refused",
    "[10.2.7.2]") {
  Three three;
  three.charlie.import(group_for_bravo(group_id, "of charlie"));
  three.world.pass(DurationMs{100});
  CHECK_FALSE(three.bravo.effective(group_id).has_value());
  CHECK(three.bravo.refusals(Cause::home_mismatch) == 1);
  CHECK(was_refused(three.bravo, "sip:charlie.example", group_id, Cause::home_mismatch));
  CHECK(three.charlie.push(group_id, "sip:bravo.example") == OutcomeKind::failed);
  CHECK(three.charlie.last_cause == Cause::home_mismatch);

  SECTION("its home provides it all the same") {
    three.alpha.import(group_for_bravo(group_id, "of alpha"));
    three.world.pass(DurationMs{100});
    CHECK(three.bravo.effective(group_id)->display_name == "of alpha");
  }
  SECTION("a group that no pattern names may come from whoever has the right") {
    three.charlie.import(group_for_bravo("sip:fire-1@delta.example", "of charlie"));
    three.world.pass(DurationMs{100});
    CHECK(three.bravo.effective("sip:fire-1@delta.example").has_value());
  }
}

TEST_CASE(
    "when a pattern moves a stored group to another home then the old one may only withdraw it",
    "[10.2.7.2][10.2.7.3]") {
  const std::string moved = "sip:fire-1@delta.example";
  Three three;
  three.charlie.import(group_for_bravo(moved, "1"));
  three.world.pass(DurationMs{100});
  engine::Configuration b = bravo_with_charlie();
  b.partners[0].groups.emplace_back("sip:*@delta.example");
  three.bravo.reload(b);
  three.charlie.import(group_for_bravo(moved, "2"));
  three.world.pass(DurationMs{100});
  CHECK(three.bravo.effective(moved)->display_name == "1");
  CHECK(three.bravo.refusals(Cause::home_mismatch) == 1);
  CHECK(three.bravo.fetch(moved) == OutcomeKind::failed);  // neither of the two is asked
  CHECK(three.bravo.last_cause == Cause::home_mismatch);

  three.charlie.remove(moved);
  three.world.pass(DurationMs{100});
  CHECK_FALSE(three.bravo.effective(moved).has_value());
}

TEST_CASE("when a group that is not stored is fetched then only the home of its pattern is asked",
          "[10.2.7.3]") {
  Three three;
  three.charlie.import(sample_configuration(2, group_id));
  CHECK(three.bravo.fetch(group_id) == OutcomeKind::failed);
  CHECK(three.bravo.last_cause == Cause::group_unknown);  // alpha does not know it
  CHECK(std::ranges::count(three.charlie.steps(), "10.2.7.3/3") == 0);
  CHECK(std::ranges::count(three.alpha.steps(), "10.2.7.3/3") == 1);
}

TEST_CASE("when a group whose home is a partner is imported here then it is refused",
          "[10.2.7.2]") {
  Three three;
  CHECK(three.bravo.import(sample_configuration(2, group_id)) == OutcomeKind::failed);
  CHECK(three.bravo.last_cause == Cause::home_mismatch);
  CHECK(three.bravo.refusals(Cause::home_mismatch) == 1);
  CHECK(was_refused(three.bravo, "operator", group_id, Cause::home_mismatch));
  CHECK_FALSE(three.bravo.effective(group_id).has_value());
  CHECK(three.bravo.import(sample_configuration(2, "sip:own@bravo.example")) == OutcomeKind::done);
}
