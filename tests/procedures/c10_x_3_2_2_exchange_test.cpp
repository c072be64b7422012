// SPDX-License-Identifier: Apache-2.0
// 10.X.3.2.2 and 10.X.4.3 after a time out of reach. Topology: alpha, home of the group fire-1;
// bravo, which serves ben, a member. Pass: whatever made the two ends differ, they agree some
// seconds after the link is back, and nothing is called affiliated that its home does not hold.

#include <catch2/catch_test_macros.hpp>

#include "core/mcs/affiliation_exchange.h"
#include "tests/support/partner_affiliation_bench.h"

using namespace bivouac;
using namespace bivouac::test;
using enum AffiliationStatus;

namespace {

using List = std::vector<Outcome>;

struct Bench : PartnerBench {
  Phone phone{*this};
  Bench() {
    phone.affiliate({group_id});
    phone.pass(100);
    REQUIRE(outcomes(phone) == List{{group_id, affiliated}});
    REQUIRE(hosting() == 1);
  }
  void heal() {
    world.heal("sip:alpha.example", "sip:bravo.example");
    phone.pass(40'000);
  }
};

}  // namespace

TEST_CASE("when the home of the group lost its store then what it knew comes back by itself",
          "[10.X.3.2.2][exchange]") {
  Bench bench;
  bench.alpha.crash();
  bench.alpha.lose_store();
  bench.alpha.start();
  bench.alpha.import(group_with({ben}));
  REQUIRE(bench.hosting() == 0);
  bench.phone.pass(40'000);
  CHECK(bench.hosting() == 1);
  CHECK(bench.asking() == 1);
  REQUIRE(bench.phone->affiliation(group_id) != nullptr);
  CHECK(bench.phone->affiliation(group_id)->status == affiliated);
}

TEST_CASE(
    "when the home of the group lost its store, and does not want the user any more, then the "
    "affiliation ends at both",
    "[10.X.3.2.2][exchange]") {
  Bench bench;
  bench.alpha.crash();
  bench.alpha.lose_store();
  bench.alpha.start();
  bench.alpha.import(group_with({"sip:bea@bravo.example"}));
  bench.phone.pass(40'000);
  CHECK(bench.hosting() == 0);
  CHECK(bench.asking() == 0);
  CHECK(bench.phone->affiliation(group_id) == nullptr);
}

TEST_CASE("when the home of the user lost its store then the partner lets go what nobody wants",
          "[10.X.4.3][exchange]") {
  Bench bench;
  bench.bravo.crash();
  bench.bravo.lose_store();
  bench.bravo.start();
  bench.world.pass(DurationMs{40'000});
  CHECK(bench.asking() == 0);
  CHECK(bench.hosting() == 0);
}

TEST_CASE("when both ends agree then nothing is asked for anew", "[10.X.3.2.2][exchange]") {
  Bench bench;
  bench.cut();
  bench.phone.pass(1'000);
  bench.heal();
  CHECK(outcomes(bench.phone).empty());
  CHECK(bench.hosting() == 1);
  CHECK(bench.asking() == 1);
}

TEST_CASE("when a right is taken away while the link is down then both ends agree after it",
          "[10.X.3.2.2][exchange]") {
  Bench bench;
  bench.cut();
  bench.alpha.reload(alpha_configuration());
  bench.phone.pass(1'000);
  REQUIRE(bench.hosting() == 0);
  REQUIRE(bench.asking() == 1);
  bench.heal();
  CHECK(bench.asking() == 0);
  CHECK(bench.phone->affiliation(group_id) == nullptr);
}

TEST_CASE("when a right is taken away while the link is up then the user's home hears of it",
          "[10.X.3.2.2][exchange]") {
  Bench bench;
  bench.alpha.reload(alpha_configuration());
  bench.phone.pass(1'000);
  CHECK(bench.hosting() == 0);
  CHECK(bench.asking() == 0);
  CHECK(outcomes(bench.phone) == List{{group_id, deaffiliated, Cause::not_authorised}});
}

TEST_CASE("when affiliations are counted as one number then order does not matter, all else does",
          "[exchange]") {
  const mcs::ComparedStores stores{{1}, {2}};
  const GroupAffiliation one{group_id, affiliated, Cause::none, Services::all(), "phone"};
  GroupAffiliation two = one;
  two.client_id = "tablet";
  CHECK(mcs::digest_of(stores, {}) == 0);
  CHECK(mcs::digest_of(stores, {one, two}) == mcs::digest_of(stores, {two, one}));
  CHECK(mcs::digest_of(stores, {one}) != mcs::digest_of(stores, {two}));
  CHECK(mcs::digest_of(stores, {one}) != mcs::digest_of({{1}, {3}}, {one}));
  two = one;
  two.services = Services::of(Service::mcptt);
  CHECK(mcs::digest_of(stores, {one}) != mcs::digest_of(stores, {two}));
}
