// SPDX-License-Identifier: Apache-2.0
// Key material at its home: an operator imports envelopes for members, they expire by a clock that
// is trusted, and they go with the group. Topology: alpha alone. Pass: each bad import is refused
// with its cause and changes nothing.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/key_envelopes.h"
#include "tests/support/mc_systems.h"

using namespace bivouac;
using namespace bivouac::test;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

struct Home {
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  GroupConfiguration group = sample_configuration(3, group_id);
  std::string ada = group.members[0].mc_service_id;
  std::string bea = group.members[1].mc_service_id;

  Home() {
    alpha.start();
    alpha.import(group);
    alpha.event(engine::Clock{true});
  }
  std::uint64_t in(DurationMs time) const {
    return static_cast<std::uint64_t>(world.now.wall.ms + time.ms);
  }
  void check_refused(std::vector<KeyEnvelope> envelopes, Cause cause) {
    const std::vector<KeyEnvelope> before = alpha.keys(group_id);
    const std::uint64_t refusals = alpha.refusals(cause);
    CHECK(alpha.import_keys(group_id, std::move(envelopes)) == OutcomeKind::failed);
    CHECK(alpha.last_cause == cause);
    CHECK(alpha.refusals(cause) == refusals + 1);
    CHECK(alpha.keys(group_id) == before);
  }
};

}  // namespace

TEST_CASE("when key material is imported then it is stored, added to and replaced by GMK",
          "[10.2.7.5]") {
  Home home;
  REQUIRE(home.alpha.import_keys(group_id, {envelope_for(home.ada, 2),
                                            envelope_for(home.ada, 1)}) == OutcomeKind::done);
  CHECK(home.alpha.keys(group_id) ==
        std::vector{envelope_for(home.ada, 1), envelope_for(home.ada, 2)});
  KeyEnvelope newer = envelope_for(home.ada, 2, 0, 40);
  REQUIRE(home.alpha.import_keys(group_id, {newer, envelope_for(home.bea)}) == OutcomeKind::done);
  const std::vector expected{envelope_for(home.ada, 1), newer, envelope_for(home.bea)};
  CHECK(home.alpha.keys(group_id) == expected);
  home.alpha.crash();
  home.alpha.start();
  CHECK(home.alpha.keys(group_id) == expected);
}

TEST_CASE("when key material cannot be taken then it is refused, counted, and nothing changes",
          "[10.2.7.5]") {
  Home home;
  REQUIRE(home.alpha.import_keys(group_id, {envelope_for(home.ada)}) == OutcomeKind::done);
  home.check_refused({envelope_for(home.bea), envelope_for("sip:eve@alpha.example")},
                     Cause::key_stranger);
  home.check_refused({envelope_for(home.bea, 1, home.in(DurationMs{-1}))}, Cause::key_expired);
  std::vector<KeyEnvelope> many;
  for (std::uint32_t gmk = 1; gmk <= 95; ++gmk)
    many.push_back(envelope_for(home.bea, gmk, 0, limits::key_envelope_bytes_max));
  REQUIRE(home.alpha.import_keys(group_id, many) == OutcomeKind::done);
  home.check_refused({envelope_for(home.ada, 2, 0, limits::key_envelope_bytes_max)},
                     Cause::key_limit);
  home.alpha.event(engine::Space{true});
  home.check_refused({envelope_for(home.ada, 2)}, Cause::storage_full);
  CHECK(home.alpha.import_keys(group_id, {envelope_for(home.ada)}) ==
        OutcomeKind::done);                                           // as it is
  CHECK(home.alpha.remove_keys(group_id, {7}) == OutcomeKind::done);  // removal always goes
  CHECK(home.alpha.import_keys("sip:none@alpha.example", {envelope_for(home.ada)}) ==
        OutcomeKind::failed);
  CHECK(home.alpha.last_cause == Cause::group_unknown);
}

TEST_CASE("when an envelope expires then it is erased and told, and the others stay",
          "[10.2.7.5]") {
  Home home;
  const KeyEnvelope first = envelope_for(home.ada, 1, home.in(DurationMs{60'000}));
  const KeyEnvelope second = envelope_for(home.bea, 1, home.in(DurationMs{120'000}));
  const KeyEnvelope lasting = envelope_for(home.bea, 2);
  REQUIRE(home.alpha.import_keys(group_id, {first, second, lasting}) == OutcomeKind::done);
  home.world.pass(DurationMs{59'000});
  CHECK(home.alpha.keys(group_id).size() == 3);
  home.world.pass(DurationMs{2'000});
  CHECK(home.alpha.keys(group_id) == std::vector{second, lasting});
  CHECK_FALSE(home.alpha.holds(first.bytes));
  CHECK(std::ranges::any_of(home.alpha.notes, [](const Note& note) {
    return note.kind == NoteKind::keys_expired && note.subject == group_id && note.number == 1;
  }));
  home.world.pass(DurationMs{60'000});
  CHECK(home.alpha.keys(group_id) == std::vector{lasting});
  home.world.pass(DurationMs{3'600'000});
  CHECK(home.alpha.keys(group_id) == std::vector{lasting});
}

TEST_CASE("when the clock is not trusted then nothing expires until it is", "[10.2.7.5]") {
  Home home;
  home.alpha.event(engine::Clock{false});
  const KeyEnvelope old = envelope_for(home.ada, 1, home.in(DurationMs{-1'000}));
  const KeyEnvelope soon = envelope_for(home.bea, 1, home.in(DurationMs{60'000}));
  REQUIRE(home.alpha.import_keys(group_id, {old, soon}) == OutcomeKind::done);
  home.world.pass(DurationMs{3'600'000});
  CHECK(home.alpha.keys(group_id).size() == 2);
  home.alpha.event(engine::Clock{true});
  home.world.pass(DurationMs{1'000});
  CHECK(home.alpha.keys(group_id).empty());
}

TEST_CASE("when a start finds envelopes whose time has come then they go once the clock is trusted",
          "[10.2.7.5]") {
  Home home;
  REQUIRE(
      home.alpha.import_keys(group_id, {envelope_for(home.ada, 1, home.in(DurationMs{5'000}))}) ==
      OutcomeKind::done);
  home.alpha.crash();
  home.world.pass(DurationMs{10'000});
  home.alpha.start();
  home.world.pass(DurationMs{10'000});
  CHECK(home.alpha.keys(group_id).size() == 1);
  home.alpha.event(engine::Clock{true});
  home.world.pass(DurationMs{1'000});
  CHECK(home.alpha.keys(group_id).empty());
}

TEST_CASE("when the wall clock jumps then nothing expires by that alone", "[10.2.7.5]") {
  Home home;
  REQUIRE(
      home.alpha.import_keys(group_id, {envelope_for(home.ada, 1, home.in(DurationMs{60'000}))}) ==
      OutcomeKind::done);
  home.world.now.wall.ms += 3'600'000;
  home.world.pass(DurationMs{30'000});
  CHECK(home.alpha.keys(group_id).size() == 1);
  home.world.now.wall.ms -= 3'600'000 + 600'000;  // it is due, and its time has not come
  home.world.pass(DurationMs{60'000});
  CHECK(home.alpha.keys(group_id).size() == 1);
  home.world.pass(DurationMs{600'000});
  CHECK(home.alpha.keys(group_id).empty());
}

TEST_CASE("when key material, a member or the group is removed then the envelopes are gone",
          "[10.2.7.5]") {
  Home home;
  const std::vector all{envelope_for(home.ada, 1), envelope_for(home.ada, 2),
                        envelope_for(home.bea, 1)};
  REQUIRE(home.alpha.import_keys(group_id, all) == OutcomeKind::done);
  SECTION("one GMK, then the rest") {
    CHECK(home.alpha.remove_keys(group_id, {1}) == OutcomeKind::done);
    CHECK(home.alpha.keys(group_id) == std::vector{all[1]});
    CHECK(home.alpha.remove_keys(group_id, {1}) == OutcomeKind::failed);
    CHECK(home.alpha.last_cause == Cause::key_unknown);
    CHECK(home.alpha.remove_keys(group_id) == OutcomeKind::done);
    CHECK(home.alpha.keys(group_id).empty());
  }
  SECTION("a member") {
    home.group.members.erase(home.group.members.begin());
    REQUIRE(home.alpha.import(home.group) == OutcomeKind::done);
    CHECK(home.alpha.keys(group_id) == std::vector{all[2]});
  }
  SECTION("the group") {
    REQUIRE(home.alpha.remove(group_id) == OutcomeKind::done);
    CHECK(home.alpha.keys(group_id).empty());
    CHECK(home.alpha.remove_keys(group_id) == OutcomeKind::failed);
    CHECK(home.alpha.last_cause == Cause::group_unknown);
  }
  CHECK_FALSE(home.alpha.holds(all[0].bytes));
}

TEST_CASE("when key material is listed then no byte of it is told", "[10.2.7.5]") {
  Home home;
  const KeyEnvelope one = envelope_for(home.ada, 0xABCD, home.in(DurationMs{60'000}));
  REQUIRE(home.alpha.import_keys(group_id, {one}) == OutcomeKind::done);
  const Bytes answer = home.alpha.ask(wire::build_group_keys_list_request(group_id));
  CHECK(std::ranges::search(answer, one.bytes).empty());
  const auto* list = wire::fb::GetOperatorMessage(answer.data() + limits::frame_header_bytes)
                         ->body_as_GroupKeysListAnswer();
  REQUIRE(list != nullptr);
  REQUIRE(list->envelopes()->size() == 1);
  CHECK(list->envelopes()->Get(0)->recipient()->str() == home.ada);
  CHECK(list->envelopes()->Get(0)->gmk_id() == 0xABCD);
  CHECK(list->envelopes()->Get(0)->bytes() == 32);
  CHECK_FALSE(list->lost());
}
