// SPDX-License-Identifier: Apache-2.0
// A stored group that does not pass the rules of the program that reads it: an older program stored
// it. Topology: alpha and bravo, one link, dialled by bravo. Pass: the program starts, says which
// group is lost, withdraws it from nobody, and has it again as soon as its home gives it.

#include <catch2/catch_test_macros.hpp>

#include "core/store/batch.h"
#include "core/store/record.h"
#include "tests/support/configurations.h"
#include "tests/support/mc_systems.h"

using namespace bivouac;
using namespace bivouac::test;
using store::RecordKind;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

GroupConfiguration shared_group() {
  GroupConfiguration group = sample_configuration(3, group_id);
  group.members.push_back(sample_members(1, "bravo.example")[0]);
  sort_members(group);
  return group;
}

/// Starts the system again from a store whose groups have configurations that nobody takes any
/// more.
void restart_with_lost_groups(McSystem& system) {
  store::Batch batch;
  for (const auto& [key, value] : system.view().scan(store::prefix(RecordKind::group))) {
    const auto& group = store::get<store::fb::Group>(value);
    flatbuffers::FlatBufferBuilder builder;
    const auto bytes = builder.CreateVector(Bytes(64, 0x5A));
    batch.add({key,
               store::finish(builder, store::fb::CreateGroup(
                                          builder, group.home_system(), group.version(),
                                          group.exposed_revision(), group.home_incarnation(),
                                          group.stored_wall_ms(), bytes)),
               false});
  }
  system.crash();
  system.durable.push_back(batch.take());
  system.start();
}

struct Pair {
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  McSystem& bravo = world.add(bravo_configuration());

  Pair() {
    alpha.start();
    bravo.start();
    world.pass(DurationMs{2000});
    alpha.import(shared_group());
    world.pass(DurationMs{100});
  }
};

bool was_told(const McSystem& system) {
  return std::ranges::any_of(system.notes, [](const Note& note) {
    return note.kind == NoteKind::refused && note.subject == "store" && note.object == group_id;
  });
}

}  // namespace

TEST_CASE("when a cached group is lost then its home is asked for it again", "[10.2.7.3]") {
  Pair pair;
  pair.world.cut("sip:alpha.example", "sip:bravo.example");
  pair.bravo.notes.clear();
  restart_with_lost_groups(pair.bravo);
  pair.world.pass(DurationMs{2000});
  CHECK(was_told(pair.bravo));
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());
  CHECK(pair.bravo.fetch(group_id) == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::unreachable);
  pair.bravo.reload(bravo_configuration());

  pair.world.heal("sip:alpha.example", "sip:bravo.example");
  pair.world.pass(DurationMs{40'000});
  CHECK(pair.bravo.effective(group_id) == shared_group());
}

TEST_CASE("when a group that is defined here is lost then partners keep it, and it can be defined",
          "[10.2.7.2]") {
  Pair pair;
  pair.alpha.notes.clear();
  restart_with_lost_groups(pair.alpha);
  pair.world.pass(DurationMs{40'000});
  REQUIRE(pair.alpha.gateway().links_up() == 1);
  CHECK(was_told(pair.alpha));
  CHECK_FALSE(pair.alpha.effective(group_id).has_value());
  CHECK(pair.alpha.push(group_id) == OutcomeKind::failed);
  CHECK(pair.alpha.last_cause == Cause::group_unknown);
  CHECK(pair.bravo.fetch(group_id) == OutcomeKind::failed);
  CHECK(pair.bravo.effective(group_id) == shared_group());
  engine::Configuration a = alpha_configuration();
  a.partners[0].exposure.hide_members_of_others = true;
  pair.alpha.reload(a);
  pair.world.pass(DurationMs{1000});
  CHECK(pair.bravo.effective(group_id) == shared_group());

  GroupConfiguration again = shared_group();
  again.display_name = "again";
  CHECK(pair.alpha.import(again) == OutcomeKind::done);
  pair.world.pass(DurationMs{limits::push_again_ms});
  CHECK(pair.bravo.effective(group_id)->display_name == "again");
}

TEST_CASE("when a lost group is removed then it is withdrawn from partners", "[10.2.7.2]") {
  Pair pair;
  restart_with_lost_groups(pair.alpha);
  pair.world.pass(DurationMs{40'000});
  CHECK(pair.alpha.remove(group_id) == OutcomeKind::done);
  pair.world.pass(DurationMs{1000});
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());
}
