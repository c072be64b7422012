// SPDX-License-Identifier: Apache-2.0
// A store that lost some of its records still serves what is left of it.

#include <catch2/catch_test_macros.hpp>

#include "core/store/batch.h"
#include "core/store/record.h"
#include "tests/support/configurations.h"
#include "tests/support/mc_systems.h"

using namespace bivouac;
using namespace bivouac::test;
using wire::fb::OutcomeKind;

TEST_CASE("when a salvage lost the identities of a group and of its home then both are mended",
          "[salvage]") {
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  McSystem& bravo = world.add(bravo_configuration());
  alpha.start();
  bravo.start();
  world.pass(DurationMs{2000});
  GroupConfiguration group = sample_configuration(2);
  group.members.push_back(sample_members(1, "bravo.example")[0]);
  sort_members(group);
  REQUIRE(alpha.import(group) == OutcomeKind::done);
  world.pass(DurationMs{100});

  for (McSystem* system : {&alpha, &bravo}) {
    store::Batch loss;
    for (const auto& [key, value] :
         system->view().scan(store::prefix(store::RecordKind::identity))) {
      loss.add({key, {}, true});
    }
    system->crash();
    system->durable.push_back(loss.take());
    system->start();
  }
  CHECK(alpha.effective(group.group_id) == group);
  CHECK(bravo.effective(group.group_id) == group);
  group.display_name = "after the salvage";
  CHECK(alpha.import(group) == OutcomeKind::done);
  world.pass(DurationMs{40'000});
  CHECK(bravo.effective(group.group_id) == group);
}

TEST_CASE(
    "when a salvage lost the name of a group that was wished for then the others are asked for",
    "[salvage][10.2.7.4]") {
  McSystems world;
  engine::Configuration home = alpha_configuration();
  home.partners[0].rights.receive.clear();
  home.partners[0].rights.subscribe = {"*"};
  McSystem& alpha = world.add(home);
  McSystem& bravo = world.add(bravo_configuration());
  alpha.start();
  bravo.start();
  const std::string lost = "sip:fire-1@alpha.example";
  const std::string kept = "sip:fire-2@alpha.example";
  REQUIRE(alpha.import(sample_configuration(2, lost)) == OutcomeKind::done);
  REQUIRE(alpha.import(sample_configuration(2, kept)) == OutcomeKind::done);
  world.cut("sip:alpha.example", "sip:bravo.example");
  bravo.subscribe(lost);
  bravo.subscribe(kept);

  store::Batch loss;
  for (const auto& [key, value] : bravo.view().scan(store::prefix(store::RecordKind::identity))) {
    const auto& identity = store::get<store::fb::Identity>(value);
    if (identity.text()->string_view() == lost) loss.add({key, {}, true});
  }
  bravo.crash();
  bravo.durable.push_back(loss.take());
  bravo.start();
  world.heal("sip:alpha.example", "sip:bravo.example");
  world.pass(DurationMs{40'000});
  CHECK(bravo.effective(kept) == sample_configuration(2, kept));
  CHECK(alpha.refusals(Cause::field_missing) == 0);
  const auto wishes = bravo.view().scan(store::prefix(store::RecordKind::subscribed));
  CHECK(std::distance(wishes.begin(), wishes.end()) == 1);
}

TEST_CASE("when a salvage lost the count of starts then no pending exchange is used again",
          "[salvage][10.2.7.2]") {
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  McSystem& bravo = world.add(bravo_configuration());
  alpha.start();
  bravo.start();
  world.pass(DurationMs{2000});
  for (int i = 0; i < 3; ++i) {
    alpha.crash();
    alpha.start();
    world.settle();
  }
  GroupConfiguration group = sample_configuration(2);
  group.members.push_back(sample_members(1, "bravo.example")[0]);
  sort_members(group);
  REQUIRE(alpha.import(group) == OutcomeKind::done);  // bravo is out of reach yet: it is pending
  const auto pending = [&] {
    const auto entries = alpha.view().scan(store::prefix(store::RecordKind::outbox));
    return entries.begin() == entries.end() ? 0 : (*entries.begin()).first.long_at(8);
  };
  const std::uint64_t before = pending();
  REQUIRE(before >> 32U > 2);
  store::Batch loss;
  loss.add({store::meta_key(), {}, true});
  alpha.crash();
  alpha.durable.push_back(loss.take());
  alpha.start();
  group.display_name = "after the salvage";
  REQUIRE(alpha.import(group) == OutcomeKind::done);
  CHECK(pending() > before);
  world.pass(DurationMs{40'000});
  CHECK(bravo.effective(group.group_id) == group);
}
