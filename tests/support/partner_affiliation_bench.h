// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iterator>
#include <utility>

#include "tests/support/affiliation_bench.h"

namespace bivouac::test {

inline engine::Configuration alpha_that_lets_affiliate() {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.affiliate = {"sip:*@alpha.example"};
  return a;
}

/// Alpha lets bravo's users affiliate; ben has a group of each in the profile.
struct PartnerBench : UserBench {
  explicit PartnerBench(engine::Configuration a = alpha_that_lets_affiliate())
      : UserBench(std::move(a)) {
    UserProfile profile = sample_profile(ben, group_id);
    profile.groups.push_back({fire, "sip:bravo.example"});
    bravo.import_user(profile);
    bravo.import(own_group(fire, {ben}));
    world.pass(DurationMs{100});
  }
  static std::size_t stored(const McSystem& system, store::RecordKind kind) {
    const auto records = system.view().scan(store::prefix(kind));
    return static_cast<std::size_t>(std::distance(records.begin(), records.end()));
  }
  std::size_t asking() const { return stored(bravo, store::RecordKind::affiliation); }
  std::size_t hosting() const { return stored(alpha, store::RecordKind::affiliation); }
  std::size_t told() const { return stored(alpha, store::RecordKind::affiliated); }
  void cut() {
    world.cut("sip:alpha.example", "sip:bravo.example");
    world.pass(DurationMs{100});
  }
  void cut_in_the_answer() { world.cut_after("sip:alpha.example", "sip:bravo.example", 10); }
  void heal() { world.heal("sip:alpha.example", "sip:bravo.example"); }
  /// The home's answers wait for its disk.
  void delay() { alpha.hold_commits = true; }
  void let_answer() {
    alpha.hold_commits = false;
    if (alpha.commit_under_way()) alpha.finish_commit(driver::GroupCommit::Outcome::committed);
    world.pass(DurationMs{100});
  }
};

/// A group of alpha's own with these members.
inline GroupConfiguration alphas(const std::string& id, const std::vector<std::string>& members) {
  GroupConfiguration group = own_group(id, members);
  group.home_system = "sip:alpha.example";
  return group;
}

/// Of ben, and logged on.
struct Phone : TestClient {
  explicit Phone(PartnerBench& bench) : TestClient(bench.world, bench.bravo, ben) {
    log_on();
    bench.world.pass(DurationMs{100});
    reports();
  }
};

}  // namespace bivouac::test
