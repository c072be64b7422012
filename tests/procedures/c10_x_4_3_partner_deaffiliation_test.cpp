// SPDX-License-Identifier: Apache-2.0
// 10.X.4.3: a client leaves groups of a partner, or they end without its asking. Topology:
// alpha, home of the group fire-1; bravo, which serves ben, a member, and has a group of its own.
// Pass: both ends forget the same, and nothing ends that its home does not let go.

#include <catch2/catch_test_macros.hpp>

#include "core/wire/build_affiliation.h"
#include "tests/support/partner_affiliation_bench.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using Bench = PartnerBench;
using enum AffiliationStatus;

namespace {

using List = std::vector<Outcome>;

/// By the group's policy ben has to stay affiliated.
struct BenchWhereBenStays : Bench {
  BenchWhereBenStays() {
    GroupConfiguration group = group_with({ben});
    for (GroupMember& member : group.members) member.affiliation_required = true;
    alpha.import(group);
    world.pass(DurationMs{100});
  }
};

}  // namespace

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

TEST_CASE("when a partner's group is deleted then its members end at both ends", "[10.X.4.3]") {
  Bench bench;
  Phone phone(bench);
  phone.affiliate({group_id});
  bench.world.pass(DurationMs{100});
  REQUIRE(bench.hosting() == 1);
  phone.subscribe(group_id);
  bench.world.pass(DurationMs{100});
  REQUIRE(phone->copies().contains(group_id));
  outcomes(phone);
  bench.alpha.remove(group_id);
  bench.world.pass(DurationMs{1000});
  CHECK(outcomes(phone) == List{{group_id, deaffiliated, Cause::group_unknown}});
  CHECK_FALSE(phone->copies().contains(group_id));  // its copy goes too
  CHECK(bench.hosting() == 0);
  CHECK(bench.told() == 0);
  CHECK(bench.asking() == 0);
  SECTION("and one of the same name is another one") {
    bench.alpha.import(group_with({ben}));
    bench.world.pass(DurationMs{100});
    phone.affiliate({group_id});
    bench.world.pass(DurationMs{1000});
    CHECK(outcomes(phone) == List{{group_id, affiliated}});
    CHECK(bench.asking() == 1);
    CHECK(bench.hosting() == 1);
  }
}

TEST_CASE("when the link is lost before we know of a deleted group then the next link tells",
          "[10.X.4.3]") {
  Bench bench;
  Phone phone(bench);
  phone.affiliate({group_id});
  bench.world.pass(DurationMs{100});
  outcomes(phone);
  // The withdrawal arrives; neither its answer nor the question after it does.
  bench.world.cut_after("sip:bravo.example", "sip:alpha.example", 1);
  bench.alpha.remove(group_id);
  phone.pass(60'000);
  CHECK(outcomes(phone) == List{{group_id, deaffiliated, Cause::group_unknown}});
  CHECK(bench.asking() == 0);
  CHECK(bench.hosting() == 0);
}

TEST_CASE("when a partner names a client that nobody knows then what all clients have stays",
          "[10.X.4.3]") {
  McSystems world;
  McSystem& alpha = world.add(alpha_that_lets_affiliate());
  alpha.start();
  world.pass(DurationMs{2000});
  alpha.import(group_with({ben}));
  RawPeer peer(world, alpha, "sip:bravo.example");
  world.pass(DurationMs{100});
  const std::vector<std::string> groups{group_id};
  peer.send(wire::build_group_affiliation_request(peer.ask(1), {ben, ""}, groups, Services::all()));
  world.pass(DurationMs{100});
  REQUIRE(Bench::stored(alpha, store::RecordKind::affiliation) == 1);
  peer.send(
      wire::build_group_deaffiliation_request(peer.ask(2), {ben, "ghost"}, groups, EndedBy::user));
  world.pass(DurationMs{100});
  const auto* answer = peer.next(wire::fb::Body::GroupDeaffiliationResponse);
  REQUIRE(answer != nullptr);
  CHECK(answer->body_as_GroupDeaffiliationResponse()->groups()->Get(0)->status() ==
        wire::fb::AffiliationStatus::not_affiliated);
  CHECK(Bench::stored(alpha, store::RecordKind::affiliation) == 1);
}

TEST_CASE("when a member must stay then leaving a partner's group is refused at its home",
          "[10.X.4.3][10.X.2.4a][10.X.2.5a]") {
  BenchWhereBenStays bench;
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

TEST_CASE("when the client of a member who must stay logs off then both ends forget it",
          "[10.X.4.3][10.X.2.4a]") {
  BenchWhereBenStays bench;
  Phone phone(bench);
  phone.affiliate({group_id});
  bench.world.pass(DurationMs{100});
  REQUIRE(bench.hosting() == 1);
  SECTION("at once") {}
  SECTION("over the next link") { bench.cut(); }
  SECTION("after it wanted to leave") {
    bench.cut();
    phone.deaffiliate({group_id});
  }
  phone.log_off();
  bench.world.pass(DurationMs{100});
  bench.heal();
  bench.world.pass(DurationMs{5'000});
  CHECK(bench.asking() == 0);
  CHECK(bench.hosting() == 0);
  CHECK(bench.told() == 0);
}

TEST_CASE("when a member who must stay leaves before the answer then it is affiliated for services",
          "[10.X.4.3][10.X.3.2.2]") {
  BenchWhereBenStays bench;
  Phone phone(bench);
  bench.delay();
  phone.affiliate({group_id});
  phone.deaffiliate({group_id});
  bench.let_answer();
  phone.pass(1'000);
  CHECK(bench.hosting() == 1);
  REQUIRE(phone->affiliation(group_id) != nullptr);
  CHECK(phone->affiliation(group_id)->status == affiliated);
  CHECK_FALSE(phone->affiliation(group_id)->services.empty());
}

TEST_CASE("when a member left and the profile changes then the home does not hold it back",
          "[10.X.4.3]") {
  BenchWhereBenStays bench;
  Phone phone(bench);
  phone.affiliate({group_id});
  bench.world.pass(DurationMs{100});
  bench.cut();
  phone.deaffiliate({group_id});
  bench.bravo.import_user(sample_profile(ben, fire));
  bench.world.pass(DurationMs{100});
  bench.heal();
  bench.world.pass(DurationMs{5'000});
  CHECK(bench.asking() == 0);
  CHECK(bench.hosting() == 0);
}
