// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/own/user_profile.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "core/engine/user_record.h"
#include "core/mcs/own/user_profile_decision.h"
#include "tests/support/mc_systems.h"
#include "tests/support/user_profiles.h"

using namespace bivouac;
using namespace bivouac::test;
using mcs::own::decide;
using mcs::own::ProfileFacts;
using wire::fb::OutcomeKind;

namespace {

struct Bench {
  McSystems world;
  McSystem& bravo = world.add(bravo_configuration());
  Bench() {
    bravo.start();
    world.settle();
  }
  std::size_t users() const {
    const auto found = bravo.view().scan(store::prefix(store::RecordKind::user));
    return static_cast<std::size_t>(std::distance(found.begin(), found.end()));
  }
};

}  // namespace

TEST_CASE("when a profile is judged then the first thing that is wrong is the cause",
          "[10.2.7.1]") {
  struct Row {
    ProfileFacts facts;
    Cause cause;
  };
  const Row rows[] = {
      {{}, Cause::none},
      {{.validity = Cause::field_missing, .of_partner = true}, Cause::field_missing},
      {{.of_partner = true, .foreign_server = true}, Cause::user_of_partner},
      {{.foreign_server = true, .stored = true, .same = true}, Cause::profile_foreign_server},
      {{.stored = true, .same = true, .space_low = true, .full = true}, Cause::none},
      {{.stored = true, .space_low = true}, Cause::storage_full},
      {{.space_low = true}, Cause::storage_full},
      {{.full = true}, Cause::user_limit},
      {{.stored = true, .full = true}, Cause::none},
  };
  for (const Row& row : rows) CHECK(decide(row.facts) == row.cause);
}

TEST_CASE("when a user is imported then the profile is stored, and again changes nothing",
          "[10.2.7.1]") {
  Bench bench;
  UserProfile profile = sample_profile();
  profile.groups[0].server.clear();  // this system's, as nothing else could be
  CHECK(bench.bravo.import_user(profile) == OutcomeKind::done);
  CHECK(bench.bravo.user("sip:ben@bravo.example") == sample_profile());
  const std::size_t commits = bench.bravo.durable.size();
  CHECK(bench.bravo.import_user(sample_profile()) == OutcomeKind::done);
  CHECK(bench.bravo.durable.size() == commits);

  SECTION("a change replaces it") {
    CHECK(bench.bravo.import_user(full_profile()) == OutcomeKind::done);
    CHECK(bench.bravo.user("sip:ben@bravo.example") == full_profile());
    CHECK(bench.users() == 1);
  }
  SECTION("it outlives a crash") {
    bench.bravo.crash();
    bench.bravo.start();
    CHECK(bench.bravo.user("sip:ben@bravo.example") == sample_profile());
  }
  SECTION("it can be removed, once") {
    CHECK(bench.bravo.remove_user("sip:ben@bravo.example") == OutcomeKind::done);
    CHECK_FALSE(bench.bravo.user("sip:ben@bravo.example"));
    CHECK(bench.users() == 0);
    CHECK(bench.bravo.remove_user("sip:ben@bravo.example") == OutcomeKind::failed);
    CHECK(bench.bravo.last_cause == Cause::user_unknown);
  }
}

TEST_CASE("when a profile is not for this system then it is refused, counted, and nothing changes",
          "[10.2.7.1]") {
  Bench bench;
  UserProfile profile = sample_profile();
  Cause expected = Cause::none;
  SECTION("a group is to be had from another server") {
    profile.groups[0].server = "sip:alpha.example";
    expected = Cause::profile_foreign_server;
  }
  SECTION("the user belongs to a partner") {
    profile.mc_service_id = "sip:ada@alpha.example";
    expected = Cause::user_of_partner;
  }
  SECTION("there is no space") {
    bench.bravo.event(engine::Space{true});
    expected = Cause::storage_full;
  }
  CHECK(bench.bravo.import_user(profile) == OutcomeKind::failed);
  CHECK(bench.bravo.last_cause == expected);
  CHECK(bench.bravo.refusals(expected) == 1);
  CHECK(bench.users() == 0);
}

TEST_CASE("when there are as many users as can be then one more is refused", "[10.2.7.1]") {
  Bench bench;
  for (std::size_t i = 0; i < limits::users_max; ++i) {
    const std::string user = "sip:user" + std::to_string(i) + "@bravo.example";
    REQUIRE(bench.bravo.import_user(sample_profile(user)) == OutcomeKind::done);
  }
  CHECK(bench.bravo.import_user(sample_profile()) == OutcomeKind::failed);
  CHECK(bench.bravo.last_cause == Cause::user_limit);
}

TEST_CASE("when the number of a user is looked after then it is kept as long as the profile",
          "[10.2.7.1]") {
  Bench bench;
  bench.bravo.import_user(sample_profile());
  bench.world.pass(DurationMs{2 * limits::housekeeping_ms});
  bench.bravo.crash();
  bench.bravo.start();
  CHECK(bench.bravo.user("sip:ben@bravo.example") == sample_profile());
}
