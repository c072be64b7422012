// SPDX-License-Identifier: Apache-2.0
// 10.2.7.2: the home (alpha) provides a group's configuration to its partner (bravo).
// Topology: alpha and bravo, one link, dialled by bravo. Pass: bravo serves what alpha defined,
// modified by both policies, once, and alpha knows it.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/mc_systems.h"

using namespace bivouac;
using namespace bivouac::test;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

/// A group of alpha with three members of alpha and two of bravo.
GroupConfiguration shared_group() {
  GroupConfiguration group = sample_configuration(3, group_id);
  for (const GroupMember& member : sample_members(2, "bravo.example"))
    group.members.push_back(member);
  sort_members(group);
  return group;
}

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
  }
};

std::vector<std::string> steps_of(const McSystem& system, std::string_view clause) {
  std::vector<std::string> steps;
  for (const std::string& step : system.steps()) {
    if (step.starts_with(clause)) steps.push_back(step);
  }
  return steps;
}

}  // namespace

TEST_CASE("when a group with members of a partner is defined then the partner is provided with it",
          "[10.2.7.2]") {
  Pair pair;
  REQUIRE(pair.alpha.import(shared_group()) == OutcomeKind::done);
  pair.world.pass(DurationMs{100});
  const auto received = pair.bravo.effective(group_id);
  REQUIRE(received.has_value());
  GroupConfiguration expected = shared_group();
  CHECK(*received == expected);
  CHECK(steps_of(pair.alpha, "10.2.7.2") == std::vector<std::string>{"10.2.7.2/1", "10.2.7.2/5"});
  CHECK(steps_of(pair.bravo, "10.2.7.2") == std::vector<std::string>{"10.2.7.2/2", "10.2.7.2/3",
                                                                     "10.2.7.2/4", "10.2.7.2/4",
                                                                     "10.2.7.2/4", "10.2.7.2/5"});
}

TEST_CASE("when a configuration is provided then the MC service servers of its services hold it",
          "[10.2.7.2]") {
  Pair pair;
  GroupConfiguration group = shared_group();
  group.services = Services::of(Service::mcptt) | Services::of(Service::mcdata);
  pair.alpha.import(group);
  pair.world.pass(DurationMs{100});
  CHECK(pair.bravo.services_notified(group_id) == group.services);
  group.services = Services::of(Service::mcptt);
  pair.alpha.import(group);
  pair.world.pass(DurationMs{100});
  CHECK(pair.bravo.services_notified(group_id) == group.services);
}

TEST_CASE("when the partner has an overlay then original and overlay are kept apart",
          "[10.2.7.1][10.2.7.2]") {
  engine::Configuration b = bravo_configuration();
  engine::OverlayPolicy overlay;
  overlay.groups = "sip:fire-*";
  overlay.group_priority = 200;
  overlay.alias = "Fire of Alpha";
  overlay.drop_services = Services::of(Service::mcvideo);
  b.partners[0].overlays = {overlay};
  Pair pair(alpha_configuration(), b);
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  const auto effective = pair.bravo.effective(group_id);
  REQUIRE(effective.has_value());
  CHECK(effective->group_priority == 200);
  CHECK(effective->alias == "Fire of Alpha");
  CHECK_FALSE(effective->services.has(Service::mcvideo));
  CHECK(pair.bravo.original(group_id) == shared_group());

  SECTION("a second push does not lose it (P1)") {
    GroupConfiguration changed = shared_group();
    changed.display_name = "Fire 1, new";
    pair.alpha.import(changed);
    pair.world.pass(DurationMs{100});
    CHECK(pair.bravo.effective(group_id)->group_priority == 200);
    CHECK(pair.bravo.effective(group_id)->display_name == "Fire 1, new");
  }
  SECTION("a reload applies another one") {
    b.partners[0].overlays[0].group_priority = 7;
    pair.bravo.reload(b);
    CHECK(pair.bravo.effective(group_id)->group_priority == 7);
    CHECK(pair.bravo.original(group_id) == shared_group());
  }
}

TEST_CASE("when members of others are hidden then the partner sees its own members only",
          "[10.2.7.1][10.2.7.2]") {
  engine::Configuration a = alpha_configuration();
  a.partners[0].exposure.hide_members_of_others = true;
  a.partners[0].exposure.drop_services = Services::of(Service::mcdata);
  Pair pair(a);
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  const auto received = pair.bravo.original(group_id);
  REQUIRE(received.has_value());
  CHECK(received->members.size() == 2);
  CHECK_FALSE(received->services.has(Service::mcdata));

  SECTION("a change that the partner cannot see is not sent") {
    const auto delivered = pair.world.bytes_delivered;
    GroupConfiguration changed = shared_group();
    changed.members[0].user_priority = 77;  // of alpha
    REQUIRE(changed.members[0].mc_service_id.ends_with("@alpha.example"));
    pair.alpha.import(changed);
    pair.world.pass(DurationMs{100});
    CHECK(pair.world.bytes_delivered == delivered);
  }
  SECTION("a policy that shows more raises the exposed revision and is sent") {
    a.partners[0].exposure.hide_members_of_others = false;
    pair.alpha.reload(a);
    pair.world.pass(DurationMs{100});
    CHECK(pair.bravo.original(group_id)->members.size() == 5);
  }
}

TEST_CASE(
    "when a group is changed while the link is cut then it arrives after the link is healed, once",
    "[10.2.7.2]") {
  Pair pair;
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  pair.world.cut("sip:alpha.example", "sip:bravo.example");
  for (int i = 1; i <= 3; ++i) {
    GroupConfiguration changed = shared_group();
    changed.display_name = "change " + std::to_string(i);
    pair.alpha.import(changed);
  }
  pair.world.pass(DurationMs{5000});
  CHECK(pair.bravo.effective(group_id)->display_name == shared_group().display_name);
  pair.bravo.notes.clear();
  pair.world.heal("sip:alpha.example", "sip:bravo.example");
  pair.world.pass(DurationMs{40'000});
  CHECK(pair.bravo.effective(group_id)->display_name == "change 3");
  const auto steps = steps_of(pair.bravo, "10.2.7.2/3");
  CHECK(steps.size() == 1);  // the newest wins, the others were never sent
}

TEST_CASE(
    "when the link is cut inside the frame of a large group then it arrives whole after "
    "reconnection, once",
    "[10.2.7.2]") {
  GroupConfiguration large = sample_configuration(0, group_id);
  large.members = sample_members(999);
  large.members.push_back(sample_members(1, "bravo.example")[0]);
  sort_members(large);
  for (const std::size_t bytes : {1U, 7U, 8U, 9U, 4095U, 4096U, 4097U, 20'000U, 60'000U}) {
    Pair pair;
    pair.world.cut_after("sip:alpha.example", "sip:bravo.example", bytes);
    pair.alpha.import(large);
    pair.world.pass(DurationMs{40'000});
    CHECK(pair.bravo.effective(group_id) == large);
    CHECK(steps_of(pair.bravo, "10.2.7.2/3").size() == 1);
  }
}

TEST_CASE("when the answer is lost then the retry gets the same answer and has no second effect",
          "[10.2.7.2]") {
  Pair pair;
  pair.world.cut_after("sip:bravo.example", "sip:alpha.example", 1);  // of the answer
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{40'000});
  CHECK(steps_of(pair.bravo, "10.2.7.2/3").size() == 1);
  CHECK(steps_of(pair.alpha, "10.2.7.2/1").size() == 2);
  CHECK(steps_of(pair.alpha, "10.2.7.2/5").size() == 1);
}

TEST_CASE(
    "when the home lacks the right to provide then nothing is stored and the cause is counted",
    "[10.2.7.2]") {
  engine::Configuration b = bravo_configuration();
  b.partners[0].rights.provide.clear();
  Pair pair(alpha_configuration(), b);
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());
  CHECK(pair.bravo.refusals(Cause::not_authorised) == 1);
  CHECK(pair.alpha.refusals(Cause::not_authorised) == 1);
  CHECK(pair.alpha.push(group_id, "sip:bravo.example") == OutcomeKind::failed);
  CHECK(pair.alpha.last_cause == Cause::not_authorised);

  SECTION("the push is not thrown away: with the right it is accepted at the next try") {
    pair.bravo.reload(bravo_configuration());
    pair.world.pass(DurationMs{limits::push_again_ms + 1000});
    CHECK(pair.bravo.effective(group_id) == shared_group());
  }
}

TEST_CASE(
    "when the partner may not receive the group then it is not provided, and the operator sees why",
    "[10.2.7.2]") {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.receive.clear();
  Pair pair(a);
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());
  bool noted = false;
  for (const Note& note : pair.alpha.notes) {
    noted |= note.kind == NoteKind::right_missing && note.object == "receive " + group_id;
  }
  CHECK(noted);
  CHECK(pair.alpha.push(group_id, "sip:bravo.example") == OutcomeKind::failed);
}

TEST_CASE("when an operator pushes a group then its partner's answer is told", "[10.2.7.2]") {
  Pair pair;
  pair.alpha.import(sample_configuration(3, group_id));  // no member of bravo: not pushed by rule
  pair.world.pass(DurationMs{100});
  REQUIRE_FALSE(pair.bravo.effective(group_id).has_value());
  CHECK(pair.alpha.push(group_id, "sip:bravo.example") == OutcomeKind::done);
  CHECK(pair.bravo.effective(group_id).has_value());

  SECTION("later changes follow by rule") {
    GroupConfiguration changed = sample_configuration(4, group_id);
    pair.alpha.import(changed);
    pair.world.pass(DurationMs{100});
    CHECK(pair.bravo.effective(group_id) == changed);
  }
  SECTION("over a cut link it is queued, and delivered later") {
    pair.world.cut("sip:alpha.example", "sip:bravo.example");
    pair.alpha.import(sample_configuration(5, group_id));
    CHECK(pair.alpha.push(group_id, "sip:bravo.example") == OutcomeKind::queued);
    pair.world.heal("sip:alpha.example", "sip:bravo.example");
    pair.world.pass(DurationMs{40'000});
    CHECK(pair.bravo.effective(group_id)->members.size() == 5);
  }
  SECTION("an unknown group or partner is refused") {
    CHECK(pair.alpha.push("sip:nobody@alpha.example") == OutcomeKind::failed);
    CHECK(pair.alpha.last_cause == Cause::group_unknown);
    CHECK(pair.alpha.push(group_id, "sip:nowhere.example") == OutcomeKind::failed);
    CHECK(pair.alpha.last_cause == Cause::target_unknown);
    CHECK(pair.bravo.push(group_id) == OutcomeKind::failed);
    CHECK(pair.bravo.last_cause == Cause::not_home_here);
  }
}

TEST_CASE("when a group is removed at its home then partners drop it and their servers are told",
          "[10.2.7.2]") {
  Pair pair;
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  REQUIRE(pair.bravo.effective(group_id).has_value());
  CHECK(pair.alpha.remove(group_id) == OutcomeKind::done);
  pair.world.pass(DurationMs{100});
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());
  CHECK(pair.bravo.services_notified(group_id).empty());
  SECTION("defined again it is provided again") {
    pair.alpha.import(shared_group());
    pair.world.pass(DurationMs{100});
    CHECK(pair.bravo.effective(group_id) == shared_group());
  }
}

TEST_CASE(
    "when a partner appears in the configuration then it is provided with the groups of its users",
    "[10.2.7.2]") {
  engine::Configuration alone = alpha_configuration();
  const engine::Partner bravo = alone.partners[0];
  alone.partners.clear();
  Pair pair(alone);
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  alone.partners = {bravo};
  pair.alpha.reload(alone);
  pair.world.pass(DurationMs{40'000});
  CHECK(pair.bravo.effective(group_id) == shared_group());
}

TEST_CASE(
    "when the home's store is lost and rebuilt with older versions then its partner believes it",
    "[10.2.7.2]") {
  Pair pair;
  for (int i = 0; i < 5; ++i) {
    GroupConfiguration group = shared_group();
    group.display_name = "old " + std::to_string(i);
    pair.alpha.import(group);
    pair.world.pass(DurationMs{100});
  }
  pair.alpha.crash();
  pair.alpha.lose_store();
  pair.alpha.start();
  GroupConfiguration rebuilt = shared_group();
  rebuilt.display_name = "rebuilt";
  pair.alpha.import(rebuilt);
  pair.world.pass(DurationMs{40'000});
  CHECK(pair.bravo.effective(group_id)->display_name == "rebuilt");
}

TEST_CASE("when the partner's store is lost then its home provides everything again",
          "[10.2.7.2]") {
  Pair pair;
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  pair.bravo.crash();
  pair.bravo.lose_store();
  pair.bravo.start();
  pair.world.pass(DurationMs{40'000});
  CHECK(pair.bravo.effective(group_id) == shared_group());
}

TEST_CASE("when the partner restarts from its store then it serves what was acknowledged",
          "[10.2.7.2]") {
  Pair pair;
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  pair.world.cut("sip:alpha.example", "sip:bravo.example");
  pair.bravo.crash();
  pair.bravo.start();
  CHECK(pair.bravo.effective(group_id) == shared_group());
}

TEST_CASE(
    "when space is low then growth is refused, leaving goes on, and recovery needs no restart",
    "[10.2.7.2]") {
  Pair pair;
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  pair.bravo.event(engine::Space{true});
  GroupConfiguration second = shared_group();
  second.group_id = "sip:fire-2@alpha.example";
  pair.alpha.import(second);
  pair.world.pass(DurationMs{100});
  CHECK_FALSE(pair.bravo.effective(second.group_id).has_value());
  CHECK(pair.bravo.refusals(Cause::storage_full) == 1);
  pair.alpha.remove(group_id);
  pair.world.pass(DurationMs{100});
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());
  pair.bravo.event(engine::Space{false});
  pair.world.pass(DurationMs{limits::push_again_passing_ms + 1000});
  CHECK(pair.bravo.effective(second.group_id) == second);
}
