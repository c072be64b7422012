// SPDX-License-Identifier: Apache-2.0
// 10.X.3.2.2 and 10.X.4.3: clients that wait for partners. Topology:
// alpha, home of the group fire-1; bravo, which serves ben, a member, and has a group of its own.
// Pass: each request is answered once, with what is known, and the last wish of a client stands.

#include <deque>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/partner_affiliation_bench.h"

using namespace bivouac;
using namespace bivouac::test;
using Bench = PartnerBench;
using enum AffiliationStatus;

namespace {

using List = std::vector<Outcome>;

}  // namespace

TEST_CASE("when the link breaks while a partner is asked then the client does not wait for it",
          "[10.X.3.2.2][10.X.4.3]") {
  Bench bench;
  Phone phone(bench);
  bench.cut_in_the_answer();
  phone.affiliate({group_id, fire});
  bench.world.pass(DurationMs{1});
  CHECK(outcomes(phone) == List{{group_id, affiliating, Cause::unreachable}, {fire, affiliated}});
  CHECK(bench.hosting() == 1);  // the answer is lost, no more
  phone.pass(5'000);
  REQUIRE(phone->affiliation(group_id) != nullptr);
  CHECK(phone->affiliation(group_id)->status == affiliated);
  CHECK(bench.hosting() == 1);
  outcomes(phone);

  bench.cut_in_the_answer();
  phone.deaffiliate({group_id});
  bench.world.pass(DurationMs{1});
  CHECK(outcomes(phone) == List{{group_id, deaffiliating, Cause::unreachable}});
  phone.pass(5'000);
  CHECK(bench.asking() == 1);
  CHECK(bench.hosting() == 0);
}

TEST_CASE("when a client changes its mind before the partner answers then each request is answered",
          "[10.X.3.2.2][10.X.4.3]") {
  Bench bench;
  Phone phone(bench);
  bench.delay();
  phone.affiliate({group_id});
  phone.deaffiliate({group_id});
  bench.let_answer();
  CHECK(outcomes(phone) == List{{group_id, rejected, Cause::superseded}, {group_id, deaffiliated}});
  CHECK(bench.asking() == 0);
  CHECK(bench.hosting() == 0);
  CHECK(phone->affiliation(group_id) == nullptr);

  bench.delay();
  phone.affiliate({group_id});
  phone.deaffiliate({group_id});
  phone.affiliate({group_id, fire});
  bench.let_answer();
  CHECK(outcomes(phone) == List{{group_id, rejected, Cause::superseded},
                                {group_id, rejected, Cause::superseded},
                                {group_id, affiliated},
                                {fire, affiliated}});
  CHECK(bench.asking() == 2);
  CHECK(bench.hosting() == 1);
}

TEST_CASE("when one client leaves for all of its user then the others hear that it is done",
          "[10.X.4.3]") {
  Bench bench;
  Phone phone(bench);
  TestClient tablet(bench.world, bench.bravo, ben, "tablet");
  tablet.log_on();
  for (TestClient* client : {static_cast<TestClient*>(&phone), &tablet})
    client->affiliate({group_id});
  bench.world.pass(DurationMs{100});
  REQUIRE(bench.asking() == 2);
  bench.delay();
  phone.deaffiliate({group_id}, DeaffiliationScope::all_clients);
  tablet.pass(100);
  REQUIRE(tablet->affiliation(group_id) != nullptr);
  CHECK(tablet->affiliation(group_id)->status == deaffiliating);
  bench.let_answer();
  for (int i = 0; i < 5; ++i) {  // each hears of the next change when it has acknowledged the last
    phone.pass(100);
    tablet.pump();
  }
  CHECK(bench.asking() == 0);
  CHECK(bench.hosting() == 0);
  CHECK(phone->affiliations().at(ben).empty());
  CHECK(tablet->affiliations().at(ben).empty());
}

TEST_CASE("when a client asks more often than it may wait then it is told what is pending",
          "[10.X.3.2.2]") {
  Bench bench;
  Phone phone(bench);
  bench.delay();
  // More answers than one step may give, were all of them to wait for the partner's.
  for (std::size_t i = 0; i < limits::effects_max + 1; ++i) phone.affiliate({group_id});
  const auto at_once = outcomes(phone);
  REQUIRE(at_once.size() == limits::effects_max + 1 - limits::affiliation_requests_max);
  CHECK(at_once.back() == Outcome{group_id, affiliating, Cause::overloaded});
  bench.let_answer();
  CHECK(outcomes(phone) == List(limits::affiliation_requests_max, Outcome{group_id, affiliated}));
}

TEST_CASE("when the link breaks while many clients wait then each of them is told",
          "[10.X.3.2.2]") {
  Bench bench;
  std::vector<std::string> users;
  std::deque<TestClient> clients;
  // With two requests each they wait for more answers than one step may give.
  for (std::size_t user = 0; user < limits::effects_max / 16 + 1; ++user) {
    users.push_back(sample_user(user, "bravo.example"));
    bench.bravo.import_user(sample_profile(users.back(), group_id));
    for (std::size_t i = 0; i < limits::clients_per_user_max; ++i) {
      clients.emplace_back(bench.world, bench.bravo, users.back(), std::to_string(i));
      clients.back().log_on();
    }
  }
  bench.alpha.import(group_with(users));
  bench.world.pass(DurationMs{100});
  for (TestClient& client : clients) client.reports();
  bench.delay();
  for (int i = 0; i < 2; ++i) {
    for (TestClient& client : clients) client.affiliate({group_id});
  }
  bench.cut();
  for (TestClient& client : clients)
    CHECK(outcomes(client) == List(2, Outcome{group_id, affiliating, Cause::unreachable}));
  bench.heal();
  bench.alpha.hold_commits = false;
}

TEST_CASE(
    "when a rule ends what a client is about to be answered then the answer does not bring it back",
    "[10.X.3.2.2][10.X.3.1]") {
  Bench bench;
  Phone phone(bench);
  bench.delay();
  phone.affiliate({group_id, fire});
  bench.bravo.import_user(sample_profile(ben, group_id));  // without the group here
  bench.world.pass(DurationMs{10});
  CHECK(outcomes(phone) == List{{fire, deaffiliated, Cause::not_in_profile}});
  bench.let_answer();
  CHECK(outcomes(phone) == List{{group_id, affiliated}, {fire, rejected, Cause::not_in_profile}});
  CHECK(phone->affiliation(fire) == nullptr);
  CHECK(bench.asking() == 1);
}

TEST_CASE("when a rule ends what a partner is asked for then the client does not wait for it",
          "[10.X.3.2.2][10.X.4.3]") {
  Bench bench;
  Phone phone(bench);
  bench.delay();
  phone.affiliate({group_id});
  UserProfile without = sample_profile(ben, fire);
  bench.bravo.import_user(without);
  bench.world.pass(DurationMs{10});
  CHECK(outcomes(phone) == List{{group_id, deaffiliated, Cause::not_in_profile},
                                {group_id, rejected, Cause::not_in_profile}});
  bench.let_answer();
  bench.world.pass(DurationMs{1'000});
  CHECK(outcomes(phone).empty());
  CHECK(phone->affiliation(group_id) == nullptr);
  CHECK(bench.asking() == 0);
  CHECK(bench.hosting() == 0);
}
