// SPDX-License-Identifier: Apache-2.0
// Every change of an affiliation leaves one line in the log of the system that stores it: whose, to
// which group, by which client, who made it and on what ground. Topology: alpha, home of fire-1;
// bravo, which serves ben, a member, and has a group of its own.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/affiliation_bench.h"

using namespace bivouac;
using namespace bivouac::test;

namespace {

constexpr const char* alpha_id = "sip:alpha.example";
constexpr const char* bravo_id = "sip:bravo.example";

using Lines = std::vector<std::string>;

engine::Configuration alpha_that_lets_affiliate(engine::Configuration a = alpha_configuration()) {
  a.partners[0].rights.affiliate = {"sip:*@alpha.example"};
  return a;
}

struct Bench : UserBench {
  explicit Bench(engine::Configuration a = alpha_that_lets_affiliate()) : UserBench(std::move(a)) {
    import_profile({});
    bravo.import(own_group(fire, {ben}));
    world.pass(DurationMs{100});
  }
  void import_profile(std::vector<std::string> implicit, bool with_fire = true) {
    UserProfile profile = sample_profile(ben, group_id);
    if (with_fire) profile.groups.push_back({fire, bravo_id});
    profile.implicit_affiliations = std::move(implicit);
    bravo.import_user(profile);
  }
  /// Of the affiliations since it was asked last.
  static Lines audit(McSystem& system) {
    Lines lines;
    for (const Note& note : system.notes) {
      if (!is_audit(note.kind)) continue;
      CHECK(note.subject == ben);
      CHECK(note.client_id == "phone");
      std::string line(name(note.kind));
      line += ' ' + note.object + ' ' + std::string(note.ground);
      if (!note.by.empty()) line += " by " + note.by;
      if (note.cause != Cause::none) line += ": " + std::string(name(note.cause));
      lines.push_back(line);
    }
    system.notes.clear();
    return lines;
  }
};

struct Phone : TestClient {
  explicit Phone(Bench& bench) : TestClient(bench.world, bench.bravo, ben) {
    log_on();
    bench.world.pass(DurationMs{100});
  }
};

}  // namespace

TEST_CASE("when a client asks then the user is in the audit of both systems",
          "[10.X.3.1][10.X.3.2.2][10.X.4.2][10.X.4.3]") {
  Bench bench;
  Phone phone(bench);
  phone.affiliate({fire, group_id});
  bench.world.pass(DurationMs{100});
  CHECK(Bench::audit(bench.bravo) == Lines{"affiliated " + fire + " request by " + ben,
                                           "affiliating " + group_id + " request by " + ben,
                                           "affiliated " + group_id + " answer by " + alpha_id});
  CHECK(Bench::audit(bench.alpha) == Lines{"affiliated " + group_id + " partner by " + bravo_id});
  phone.affiliate({fire});  // again: nothing changes
  bench.world.pass(DurationMs{100});
  CHECK(Bench::audit(bench.bravo).empty());
  phone.deaffiliate({fire, group_id});
  bench.world.pass(DurationMs{100});
  CHECK(Bench::audit(bench.bravo) == Lines{"deaffiliated " + fire + " request by " + ben,
                                           "deaffiliating " + group_id + " request by " + ben,
                                           "deaffiliated " + group_id + " answer by " + alpha_id});
  CHECK(Bench::audit(bench.alpha) == Lines{"deaffiliated " + group_id + " partner by " + bravo_id});
}

TEST_CASE("when nobody asks then the audit says which rule ended it", "[10.X.3.1][10.X.4.2]") {
  Bench bench;
  bench.import_profile({fire});
  Phone phone(bench);
  CHECK(Bench::audit(bench.bravo) == Lines{"affiliated " + fire + " log_on"});

  SECTION("the group") {
    bench.bravo.import(own_group(fire, {"sip:bea@bravo.example"}));
    bench.world.pass(DurationMs{100});
    CHECK(Bench::audit(bench.bravo) == Lines{"deaffiliated " + fire + " policy: not_a_member"});
  }
  SECTION("the profile") {
    bench.import_profile({}, false);
    bench.world.pass(DurationMs{100});
    CHECK(Bench::audit(bench.bravo) == Lines{"deaffiliated " + fire + " profile: not_in_profile"});
  }
  SECTION("the client's log-off") {
    phone.log_off();
    bench.world.pass(DurationMs{100});
    CHECK(Bench::audit(bench.bravo) == Lines{"deaffiliated " + fire + " log_off: not_logged_on"});
  }
  SECTION("the end of its grace time") {
    phone.disconnect();
    bench.world.pass(DurationMs{limits::affiliation_grace_ms - 1'000});
    CHECK(Bench::audit(bench.bravo).empty());
    bench.world.pass(DurationMs{2'000});
    CHECK(Bench::audit(bench.bravo) == Lines{"deaffiliated " + fire + " grace_end: not_logged_on"});
  }
}

TEST_CASE("when a home refuses what waited for it then its cause is in the audit", "[10.X.3.2.2]") {
  Bench bench(alpha_that_lets_affiliate(alpha_that_does_not_push()));
  Phone phone(bench);
  bench.world.cut(alpha_id, bravo_id);
  bench.world.pass(DurationMs{100});
  phone.affiliate({group_id});
  bench.world.pass(DurationMs{100});
  CHECK(Bench::audit(bench.bravo) == Lines{"affiliating " + group_id + " request by " + ben});
  GroupConfiguration group = group_with({ben});
  group.disabled = true;
  bench.alpha.import(group);
  bench.world.heal(alpha_id, bravo_id);
  phone.pass(60'000);
  CHECK(Bench::audit(bench.bravo) ==
        Lines{"deaffiliated " + group_id + " answer by " + alpha_id + ": group_disabled"});
  CHECK(Bench::audit(bench.alpha).empty());
}
