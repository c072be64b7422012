// SPDX-License-Identifier: Apache-2.0
// 10.X.3.2.2: a client affiliates to groups of a partner. Topology:
// alpha, home of the group fire-1; bravo, which serves ben, a member, and has a group of its own.
// Pass: both ends store the same, the home's policy decides, and while the home is out of reach
// nothing is called affiliated and nothing is lost.

#include <algorithm>
#include <memory>

#include <catch2/catch_test_macros.hpp>

#include "core/wire/build_affiliation.h"
#include "tests/support/partner_affiliation_bench.h"
#include "tests/support/proxy_configurations.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using Bench = PartnerBench;
using enum AffiliationStatus;

namespace {

using List = std::vector<Outcome>;

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

TEST_CASE("when the home has not cached the policy then it asks for it before it decides",
          "[10.X.3.2.2]") {
  engine::Configuration without = alpha_that_lets_affiliate();
  without.services = {};
  McSystems world;
  McSystem& alpha = world.add(without);
  alpha.start();
  world.pass(DurationMs{2000});
  alpha.import(group_with({ben}));
  RawPeer peer(world, alpha, "sip:bravo.example");
  world.pass(DurationMs{100});
  // A service is added, whose server was not told of the groups yet.
  alpha.event(engine::Reload{std::make_shared<engine::Configuration>(alpha_that_lets_affiliate())});
  const std::vector<std::string> groups{group_id};
  peer.send(
      wire::build_group_affiliation_request(peer.ask(1), {ben, "phone"}, groups, Services::all()));
  world.pass(DurationMs{100});
  const auto* answer = peer.next(wire::fb::Body::GroupAffiliationResponse);
  REQUIRE(answer != nullptr);
  CHECK(answer->body_as_GroupAffiliationResponse()->groups()->Get(0)->status() ==
        wire::fb::AffiliationStatus::affiliated);
  const std::vector<std::string> steps = alpha.steps();
  CHECK(std::ranges::count(steps, "10.X.3.2.2/4a") == 1);
  CHECK(std::ranges::find(steps, "10.X.3.2.2/4b") < std::ranges::find(steps, "10.X.3.2.2/5"));
  CHECK(Bench::stored(alpha, store::RecordKind::affiliation) == 1);
  CHECK(Bench::stored(alpha, store::RecordKind::affiliated) == 1);
}

TEST_CASE("when a proxy lies between then both ends store, and leave, as without one",
          "[10.X.3.2.2][10.X.4.3]") {
  const std::string alpha_id = "sip:alpha.example";
  const std::string bravo_id = "sip:bravo.example";
  const std::string proxy_id = "sip:proxy.example";
  McSystems world;
  McSystem& alpha =
      world.add(behind_proxy(alpha_that_lets_affiliate(), bravo_id, proxy_id, Dials::no));
  McSystem& proxy = world.add(proxy_configuration(proxy_id, {alpha_id, alpha_id, Dials::yes},
                                                  {bravo_id, bravo_id, Dials::no}));
  McSystem& bravo = world.add(behind_proxy(bravo_configuration(), alpha_id, proxy_id, Dials::yes));
  for (McSystem* system : {&alpha, &proxy, &bravo}) system->start();
  world.pass(DurationMs{3000});
  bravo.import_user(sample_profile(ben, group_id));
  alpha.import(group_with({ben}));
  world.pass(DurationMs{100});
  TestClient phone(world, bravo, ben);
  phone.log_on();
  world.pass(DurationMs{100});
  phone.reports();
  const auto hosted = [&] { return Bench::stored(alpha, store::RecordKind::affiliation); };

  phone.affiliate({group_id});
  world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{group_id, affiliated}});
  CHECK(hosted() == 1);
  CHECK(Bench::stored(proxy, store::RecordKind::affiliation) == 0);

  phone.deaffiliate({group_id});
  world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{group_id, deaffiliated}});
  CHECK(hosted() == 0);

  SECTION("and what the proxy cannot pass on is pending until it can") {
    world.cut(alpha_id, proxy_id);
    phone.pass(40'000);
    phone.reports();
    phone.affiliate({group_id});
    phone.pass(1'000);
    CHECK(outcomes(phone) == List{{group_id, affiliating, Cause::unreachable}});
    world.heal(alpha_id, proxy_id);
    phone.pass(60'000);
    REQUIRE(phone->affiliation(group_id) != nullptr);
    CHECK(phone->affiliation(group_id)->status == affiliated);
    CHECK(hosted() == 1);
  }
}

TEST_CASE("when a client wants updates of a partner's group then its own system gives them",
          "[10.X.3.2.2]") {
  Bench bench;
  Phone phone(bench);
  CHECK(find_group(*phone->profile(), group_id) != nullptr);
  phone.subscribe(group_id);
  bench.world.pass(DurationMs{100});
  phone.affiliate({group_id});
  bench.world.pass(DurationMs{100});
  bench.alpha.import(group_with({ben}, 9));
  bench.world.pass(DurationMs{100});
  REQUIRE(phone.copy(group_id) != nullptr);
  CHECK(phone.copy(group_id)->configuration.group_priority == 9);
  CHECK(phone->affiliation(group_id)->status == affiliated);
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

TEST_CASE("when a group is not in the profile then its home decides only where that was agreed",
          "[10.X.3.2.2][10.X.3.2.1]") {
  const std::string open = "sip:open@alpha.example";
  Bench bench;
  bench.alpha.import(alphas(open, {ben}));
  Phone phone(bench);
  phone.affiliate({open});
  bench.world.pass(DurationMs{100});
  CHECK(outcomes(phone) == List{{open, rejected, Cause::not_in_profile}});
  CHECK(bench.hosting() == 0);

  engine::Configuration b = bravo_configuration();
  b.partners[0].affiliate_by_profile = false;
  bench.bravo.reload(b);
  SECTION("a member is granted") {
    phone.affiliate({open});
    bench.world.pass(DurationMs{100});
    CHECK(outcomes(phone) == List{{open, affiliated}});
    CHECK(bench.hosting() == 1);
    SECTION("and ends when profiles count again") {
      bench.bravo.reload(bravo_configuration());
      bench.world.pass(DurationMs{1000});
      CHECK(outcomes(phone) == List{{open, deaffiliated, Cause::not_in_profile}});
      CHECK(bench.asking() == 0);
      CHECK(bench.hosting() == 0);
    }
  }
  SECTION("N2 counts all the same") {
    UserProfile profile = *bench.bravo.user(ben);
    profile.affiliations_max = 1;
    bench.bravo.import_user(profile);
    phone.affiliate({fire, open});
    bench.world.pass(DurationMs{100});
    CHECK(outcomes(phone) == List{{fire, affiliated}, {open, rejected, Cause::affiliation_limit}});
  }
  SECTION("no member is granted") {
    bench.alpha.import(alphas(open, {"sip:bea@bravo.example"}));
    bench.world.pass(DurationMs{100});
    phone.affiliate({open});
    bench.world.pass(DurationMs{100});
    CHECK(outcomes(phone) == List{{open, rejected, Cause::not_a_member}});
    CHECK(bench.asking() == 0);
  }
  SECTION("a group of our own is not granted") {
    const std::string own = "sip:open@bravo.example";
    bench.bravo.import(own_group(own, {ben}));
    phone.affiliate({own});
    bench.world.pass(DurationMs{100});
    CHECK(outcomes(phone) == List{{own, rejected, Cause::not_in_profile}});
  }
}

TEST_CASE("when a home is out of reach then the operator says who takes part without it",
          "[10.X.3.2.2][isolated]") {
  Bench bench;
  engine::Configuration permits = bravo_configuration();
  permits.partners[0].pending_take_part = {"sip:*@alpha.example"};
  Phone phone(bench);
  REQUIRE(bench.stored(bench.bravo, store::RecordKind::policy) > 0);
  bench.cut();
  phone.affiliate({group_id});
  CHECK(outcomes(phone) == List{{group_id, affiliating, Cause::unreachable}});
  CHECK(phone->affiliation(group_id)->services.empty());

  bench.bravo.reload(permits);
  phone.pass(100);
  REQUIRE(phone->affiliation(group_id) != nullptr);
  CHECK(phone->affiliation(group_id)->status == affiliating);  // and is called so all the same
  CHECK_FALSE(phone->affiliation(group_id)->services.empty());

  SECTION("who leaves does not take part any more") {
    phone.deaffiliate({group_id});
    phone.pass(100);
    CHECK(phone->affiliation(group_id) == nullptr);
  }
  SECTION("the operator changes it back") {
    bench.bravo.reload(bravo_configuration());
    phone.pass(100);
    CHECK(phone->affiliation(group_id)->services.empty());
  }
  SECTION("the home confirms it") {
    bench.heal();
    phone.pass(5'000);
    CHECK(phone->affiliation(group_id)->status == affiliated);
    CHECK(bench.hosting() == 1);
  }
}
