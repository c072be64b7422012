// SPDX-License-Identifier: Apache-2.0
// 10.2.7.2, 10.2.7.3 while space is low. Topology: alpha and bravo, one link, dialled by bravo.
// Pass: nothing that grows is begun, what shrinks goes on, and what was accepted before is done
// with space.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using store::RecordKind;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

GroupConfiguration shared_group(std::string_view id = group_id) {
  GroupConfiguration group = sample_configuration(3, id);
  group.members.push_back(sample_members(1, "bravo.example")[0]);
  sort_members(group);
  return group;
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

std::size_t count(const McSystem& system, RecordKind kind) {
  const auto records = system.view().scan(store::prefix(kind));
  return static_cast<std::size_t>(std::distance(records.begin(), records.end()));
}

}  // namespace

TEST_CASE("when space gets low before a change is told then it is told with space, not forgotten",
          "[10.2.7.2]") {
  Pair pair;
  // The change is accepted, and space is gone before its first slice of work.
  begin(pair.alpha, wire::build_group_import_request(shared_group()));
  pair.alpha.event(engine::Space{true});
  pair.world.pass(DurationMs{100});
  const std::size_t records = pair.alpha.view().size();
  pair.world.pass(DurationMs{60'000});
  CHECK(count(pair.alpha, RecordKind::outbox) == 0);
  CHECK(count(pair.alpha, RecordKind::exposure) == 0);
  CHECK(count(pair.alpha, RecordKind::fan_out) == 1);
  CHECK(pair.alpha.view().size() == records);
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());

  SECTION("space comes back") {
    pair.alpha.event(engine::Space{false});
    pair.world.pass(DurationMs{100});
  }
  SECTION("the home is started again with space") {
    pair.alpha.crash();
    pair.alpha.start();
    pair.world.pass(DurationMs{40'000});
  }
  CHECK(pair.bravo.effective(group_id) == shared_group());
  CHECK(count(pair.alpha, RecordKind::fan_out) == 0);
}

TEST_CASE("when space is low at the home then a group that it removes is withdrawn all the same",
          "[10.2.7.2]") {
  Pair pair;
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  pair.alpha.event(engine::Space{true});
  const std::size_t records = pair.alpha.view().size();
  CHECK(pair.alpha.remove(group_id) == OutcomeKind::done);
  pair.world.pass(DurationMs{100});
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());
  CHECK(pair.alpha.view().size() < records);
}

TEST_CASE("when a partner lost its store while space is low then it is provided anew with space",
          "[10.2.7.2]") {
  Pair pair;
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  pair.alpha.event(engine::Space{true});
  const std::size_t records = pair.alpha.view().size();
  pair.bravo.crash();
  pair.bravo.lose_store();
  pair.bravo.start();
  pair.world.pass(DurationMs{40'000});
  REQUIRE(pair.alpha.gateway().links_up() == 1);
  CHECK(pair.alpha.view().size() == records);
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());
  pair.alpha.event(engine::Space{false});
  pair.world.pass(DurationMs{100});
  CHECK(pair.bravo.effective(group_id) == shared_group());
}

TEST_CASE("when policies are read anew while space is low then they are followed with space",
          "[10.2.7.1][10.2.7.2]") {
  Pair pair;
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  pair.alpha.event(engine::Space{true});
  pair.bravo.event(engine::Space{true});
  engine::Configuration a = alpha_configuration();
  a.partners[0].exposure.hide_members_of_others = true;
  engine::Configuration b = bravo_configuration();
  engine::OverlayPolicy overlay;
  overlay.groups = "*";
  overlay.group_priority = 99;
  b.partners[0].overlays = {overlay};
  pair.alpha.reload(a);
  pair.bravo.reload(b);
  pair.world.pass(DurationMs{60'000});
  CHECK(count(pair.alpha, RecordKind::recheck) == 0);
  CHECK(pair.bravo.effective(group_id) == shared_group());
  pair.alpha.event(engine::Space{false});
  pair.bravo.event(engine::Space{false});
  pair.world.pass(DurationMs{1000});
  CHECK(pair.bravo.effective(group_id)->members.size() == 1);
  CHECK(pair.bravo.effective(group_id)->group_priority == 99);
}

TEST_CASE("when space is low then a fetch keeps no policy that was not there, and says so",
          "[10.2.7.3]") {
  engine::Configuration b = bravo_configuration();
  b.services = Services::of(Service::mcptt);
  Pair pair(b);
  pair.alpha.import(shared_group());
  pair.world.pass(DurationMs{100});
  REQUIRE(count(pair.bravo, RecordKind::policy) == 1);
  pair.bravo.event(engine::Space{true});
  b.services = Services::all();
  pair.bravo.reload(b);
  CHECK(pair.bravo.fetch(group_id, Services::of(Service::mcdata)) == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::storage_full);
  CHECK(pair.bravo.fetch(group_id, Services::of(Service::mcptt)) == OutcomeKind::done);
  CHECK(count(pair.bravo, RecordKind::policy) == 1);
  pair.bravo.event(engine::Space{false});
  CHECK(pair.bravo.fetch(group_id, Services::of(Service::mcdata)) == OutcomeKind::done);
}

TEST_CASE("when a pull's answer finds no room then its operator is told, and the next change comes",
          "[10.2.7.2][10.2.7.3]") {
  Pair pair;
  GroupConfiguration group = sample_configuration(3, group_id);  // no member of bravo: not pushed
  pair.alpha.import(group);
  pair.bravo.event(engine::Space{true});
  CHECK(pair.bravo.fetch(group_id, Services::of(Service::mcptt)) == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::storage_full);
  pair.bravo.event(engine::Space{false});
  pair.world.pass(DurationMs{60'000});
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());
  group.group_priority = 7;
  pair.alpha.import(group);
  pair.world.pass(DurationMs{1000});
  CHECK(pair.bravo.effective(group_id) == group);
}
