// SPDX-License-Identifier: Apache-2.0
// 10.X.3.2.2 and 10.X.4.3: a client affiliates to, and leaves, groups of a partner. Topology:
// alpha, home of the group fire-1; bravo, which serves ben, a member, and has a group of its own.
// Pass: both ends store the same, the home's policy decides, and while the home is out of reach
// nothing is called affiliated and nothing is lost.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/affiliation_bench.h"

using namespace bivouac;
using namespace bivouac::test;
using Kind = client::Report::Kind;
using enum AffiliationStatus;

namespace {

using List = std::vector<Outcome>;

engine::Configuration alpha_that_lets_affiliate() {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.affiliate = {"sip:*@alpha.example"};
  return a;
}

struct Bench : UserBench {
  explicit Bench(engine::Configuration a = alpha_that_lets_affiliate()) : UserBench(std::move(a)) {
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
};

struct Phone : TestClient {
  explicit Phone(Bench& bench) : TestClient(bench.world, bench.bravo, ben) {
    log_on();
    bench.world.pass(DurationMs{100});
    reports();
  }
};

}  // namespace

TEST_CASE("when a member affiliates to a partner's group then both ends store it",
          "[10.X.3.2.2][10.X.2.1a][10.X.2.2a]") {
  Bench bench;
  Phone phone(bench);
  phone.affiliate({group_id, fire});
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{group_id, affiliated}, {fire, affiliated}});
  CHECK(bench.asking() == 2);
  CHECK(bench.hosting() == 1);
  CHECK(bench.told() == 1);

  SECTION("and leaves it at both") {
    phone.deaffiliate({group_id});
    bench.world.pass(DurationMs{100});
    CHECK(outcomes(phone) == List{{group_id, deaffiliated}});
    CHECK(bench.asking() == 1);
    CHECK(bench.hosting() == 0);
    CHECK(bench.told() == 0);
  }
  SECTION("and either end may crash") {
    bench.alpha.crash();
    bench.alpha.start();
    bench.bravo.crash();
    bench.bravo.start();
    bench.world.pass(DurationMs{60'000});
    CHECK(bench.asking() == 2);
    CHECK(bench.hosting() == 1);
  }
}

TEST_CASE("when the home refuses then its cause reaches the client, and nothing is kept",
          "[10.X.3.2.2][10.X.3.2.1]") {
  SECTION("no right") {
    Bench bench(alpha_configuration());
    Phone phone(bench);
    phone.affiliate({group_id, fire});
    bench.world.pass(DurationMs{100});
    CHECK(outcomes(phone) == List{{group_id, rejected, Cause::not_authorised}, {fire, affiliated}});
    CHECK(bench.asking() == 1);
  }
  SECTION("disabled at its home") {
    Bench bench;
    Phone phone(bench);
    GroupConfiguration group = group_with({ben});
    group.disabled = true;
    bench.alpha.import(group);
    phone.affiliate({group_id});
    bench.world.pass(DurationMs{100});
    CHECK(outcomes(phone) == List{{group_id, rejected, Cause::group_disabled}});
    CHECK(bench.asking() == 0);
    CHECK(bench.hosting() == 0);
  }
  SECTION("no member any more") {
    Bench bench;
    Phone phone(bench);
    bench.alpha.import(group_with({"sip:bea@bravo.example"}));
    phone.affiliate({group_id});
    bench.world.pass(DurationMs{100});
    CHECK(outcomes(phone) == List{{group_id, rejected, Cause::not_a_member}});
  }
}

TEST_CASE(
    "when the home is out of reach then the affiliation is pending, and follows with the link",
    "[10.X.3.2.2]") {
  Bench bench;
  Phone phone(bench);
  bench.cut();
  phone.affiliate({group_id});
  CHECK(outcomes(phone) == List{{group_id, affiliating, Cause::unreachable}});
  CHECK(bench.asking() == 1);
  SECTION("and is told without asking") {
    bench.heal();
    phone.pass(60'000);
    REQUIRE(phone->affiliation(group_id) != nullptr);
    CHECK(phone->affiliation(group_id)->status == affiliated);
    CHECK(bench.hosting() == 1);
  }
  SECTION("over a restart too") {
    bench.bravo.crash();
    bench.bravo.start();
    bench.heal();
    bench.world.pass(DurationMs{60'000});
    CHECK(bench.hosting() == 1);
  }
  SECTION("and one that is refused then ends, with its cause") {
    GroupConfiguration group = group_with({ben});
    group.disabled = true;
    bench.alpha.import(group);
    bench.heal();
    phone.pass(60'000);
    CHECK(phone->affiliation(group_id) == nullptr);
    CHECK(bench.asking() == 0);
  }
  SECTION("and one that is left meanwhile comes to nothing") {
    phone.deaffiliate({group_id});
    CHECK(outcomes(phone) == List{{group_id, deaffiliating, Cause::unreachable}});
    bench.heal();
    phone.pass(60'000);
    CHECK(bench.asking() == 0);
    CHECK(bench.hosting() == 0);
  }
}

TEST_CASE("when the link breaks while a partner is asked then the client does not wait for it",
          "[10.X.3.2.2][10.X.4.3]") {
  Bench bench;
  Phone phone(bench);
  bench.cut_in_the_answer();
  phone.affiliate({group_id, fire});
  CHECK(outcomes(phone) == List{{group_id, affiliating, Cause::unreachable}, {fire, affiliated}});
  CHECK(bench.hosting() == 1);  // the answer is lost, no more
  phone.pass(5'000);
  REQUIRE(phone->affiliation(group_id) != nullptr);
  CHECK(phone->affiliation(group_id)->status == affiliated);
  CHECK(bench.hosting() == 1);
  outcomes(phone);

  bench.cut_in_the_answer();
  phone.deaffiliate({group_id});
  CHECK(outcomes(phone) == List{{group_id, deaffiliating, Cause::unreachable}});
  phone.pass(5'000);
  CHECK(bench.asking() == 1);
  CHECK(bench.hosting() == 0);
}

TEST_CASE("when a client changes its mind before a partner has answered then its last wish stands",
          "[10.X.3.2.2][10.X.4.3]") {
  Bench bench;
  Phone phone(bench);
  phone.affiliate({group_id});
  phone.deaffiliate({group_id});
  bench.world.pass(DurationMs{1000});
  CHECK(outcomes(phone) == List{{group_id, rejected, Cause::superseded}, {group_id, deaffiliated}});
  CHECK(bench.asking() == 0);
  CHECK(bench.hosting() == 0);

  phone.affiliate({group_id});
  bench.world.pass(DurationMs{1000});
  REQUIRE(outcomes(phone) == List{{group_id, affiliated}});
  phone.deaffiliate({group_id});
  phone.affiliate({group_id});
  bench.world.pass(DurationMs{1000});
  CHECK(outcomes(phone) ==
        List{{group_id, deaffiliating, Cause::superseded}, {group_id, affiliated}});
  CHECK(bench.asking() == 1);
  CHECK(bench.hosting() == 1);
}

TEST_CASE("when the right to affiliate is withdrawn then the home ends what stands on it",
          "[10.X.3.2.2]") {
  Bench bench;
  Phone phone(bench);
  phone.affiliate({group_id});
  bench.world.pass(DurationMs{100});
  REQUIRE(bench.hosting() == 1);
  bench.alpha.reload(alpha_configuration());
  bench.world.pass(DurationMs{100});
  CHECK(bench.hosting() == 0);
  CHECK(bench.told() == 0);
}

TEST_CASE("when the home is no partner any more then nothing waits for it", "[10.X.4.3]") {
  Bench bench;
  Phone phone(bench);
  phone.affiliate({group_id});
  bench.world.pass(DurationMs{100});
  REQUIRE(outcomes(phone) == List{{group_id, affiliated}});
  bench.cut();
  phone.deaffiliate({group_id});
  CHECK(outcomes(phone) == List{{group_id, deaffiliating, Cause::unreachable}});
  engine::Configuration alone = bravo_configuration();
  alone.partners.clear();
  bench.bravo.reload(alone);
  bench.world.pass(DurationMs{100});
  CHECK(bench.asking() == 0);
}

TEST_CASE("when pending groups fill N2 then the next one is refused", "[10.X.3.2.2]") {
  Bench bench;
  UserProfile profile = *bench.bravo.user(ben);
  profile.affiliations_max = 1;
  bench.bravo.import_user(profile);
  Phone phone(bench);
  bench.cut();
  phone.affiliate({group_id, fire});
  CHECK(outcomes(phone) == List{{group_id, affiliating, Cause::unreachable},
                                {fire, rejected, Cause::affiliation_limit}});
}

TEST_CASE("when a partner asks for a user who is not its own then it is refused", "[10.X.3.2.2]") {
  engine::Configuration a = alpha_that_lets_affiliate();
  a.partners[0].users = {"sip:*@elsewhere.example"};
  Bench bench(a);
  Phone phone(bench);
  phone.affiliate({group_id});
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{group_id, rejected, Cause::user_of_another}});
  CHECK(bench.hosting() == 0);
}

TEST_CASE("when a group of the home is disabled then its members end at both ends", "[10.X.4.3]") {
  Bench bench;
  Phone phone(bench);
  phone.affiliate({group_id});
  bench.world.pass(DurationMs{100});
  REQUIRE(bench.hosting() == 1);
  outcomes(phone);
  GroupConfiguration group = group_with({ben});
  group.disabled = true;
  bench.alpha.import(group);
  bench.world.pass(DurationMs{1000});
  CHECK(outcomes(phone) == List{{group_id, deaffiliated, Cause::group_disabled}});
  CHECK(bench.hosting() == 0);
  CHECK(bench.told() == 0);
  CHECK(bench.asking() == 0);
}

TEST_CASE("when a member must stay then leaving a partner's group is refused at its home",
          "[10.X.4.3][10.X.2.4a][10.X.2.5a]") {
  Bench bench;
  GroupConfiguration group = group_with({ben});
  for (GroupMember& member : group.members) member.affiliation_required = true;
  bench.alpha.import(group);
  bench.world.pass(DurationMs{100});
  Phone phone(bench);
  phone.affiliate({group_id});
  bench.world.pass(DurationMs{100});
  outcomes(phone);
  phone.deaffiliate({group_id});
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{group_id, rejected, Cause::affiliation_required}});
  CHECK(bench.hosting() == 1);
  REQUIRE(phone->affiliation(group_id) != nullptr);
  CHECK(phone->affiliation(group_id)->status == affiliated);
}
