// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "core/mcs/own/affiliation_decision.h"
#include "core/mcs/own/affiliation_status_decision.h"
#include "core/mcs/own/deaffiliation_decision.h"

using namespace bivouac;
using namespace bivouac::mcs::own;

namespace {

AffiliationFacts good() {
  AffiliationFacts facts;
  facts.in_profile = facts.stored = facts.member = true;
  facts.services = Services::all();
  return facts;
}

AffiliatingFacts free_user() {
  AffiliatingFacts user;
  user.groups_max = 4;
  user.places = 10;
  return user;
}

Cause only(const AffiliatingFacts& user, const AffiliationFacts& facts) {
  return decide(user, {facts}).at(0).cause;
}

std::vector<Cause> causes(const AffiliatingFacts& user, const std::vector<AffiliationFacts>& list) {
  std::vector<Cause> all;
  for (const AffiliationDecision& one : decide(user, list)) all.push_back(one.cause);
  return all;
}

}  // namespace

TEST_CASE("when a group may be had then it needs every reason, and is told the first that lacks",
          "[10.X.3.1][10.X.1]") {
  CHECK(only(free_user(), good()) == Cause::none);
  AffiliationFacts facts = good();
  SECTION("not in the profile") {
    facts.in_profile = false;
    CHECK(only(free_user(), facts) == Cause::not_in_profile);
  }
  SECTION("nobody knows it") {
    facts.stored = false;
    CHECK(only(free_user(), facts) == Cause::group_unknown);
    facts.missing = Cause::timed_out;
    CHECK(only(free_user(), facts) == Cause::timed_out);
  }
  SECTION("disabled") {
    facts.disabled = true;
    CHECK(only(free_user(), facts) == Cause::group_disabled);
  }
  SECTION("no member") {
    facts.member = false;
    CHECK(only(free_user(), facts) == Cause::not_a_member);
  }
  SECTION("no service in common") {
    facts.services = {};
    CHECK(only(free_user(), facts) == Cause::service_unknown);
  }
  SECTION("twice in the list") {
    facts.named_before = true;
    CHECK(only(free_user(), facts) == Cause::group_duplicate);
  }
  SECTION("too many clients of the user") {
    facts.too_many_clients = true;
    CHECK(only(free_user(), facts) == Cause::client_limit);
  }
  SECTION("in another user's name") {
    AffiliatingFacts user = free_user();
    user.for_itself = false;
    CHECK(only(user, facts) == Cause::identity_mismatch);
  }
  SECTION("no space") {
    AffiliatingFacts user = free_user();
    user.space_low = true;
    CHECK(only(user, facts) == Cause::storage_full);
    facts.held = true;  // grows nothing
    CHECK(only(user, facts) == Cause::none);
  }
  SECTION("no place") {
    AffiliatingFacts user = free_user();
    user.places = 0;
    CHECK(only(user, facts) == Cause::overloaded);
  }
}

TEST_CASE("when N2 is reached then the first of the list are granted, and those held are free",
          "[10.X.3.1]") {
  AffiliatingFacts user = free_user();
  user.groups_counted = 2;
  AffiliationFacts held = good();
  held.held = held.counted = true;
  AffiliationFacts by_another_client = good();
  by_another_client.counted = true;
  AffiliationFacts refused = good();
  refused.disabled = true;
  const std::vector<AffiliationFacts> list = {good(), refused, good(),
                                              good(), held,    by_another_client};
  CHECK(causes(user, list) == std::vector{Cause::none, Cause::group_disabled, Cause::none,
                                          Cause::affiliation_limit, Cause::none, Cause::none});
  user.groups_max = 0;
  user.groups_counted = 0;
  CHECK(causes(user, {good()}) == std::vector{Cause::affiliation_limit});
}

TEST_CASE("when a group is left then what binds its members is respected, if it is enabled",
          "[10.X.4.2][10.X.4.1]") {
  DeaffiliationFacts facts;
  CHECK(decide(facts) == DeaffiliationDecision{AffiliationStatus::not_affiliated, Cause::none});
  facts.held = facts.leaves = facts.enabled = true;
  CHECK(decide(facts).status == AffiliationStatus::deaffiliated);
  SECTION("a member who is to stay") {
    facts.required = true;
    CHECK(decide(facts).cause == Cause::affiliation_required);
    facts.leaves = false;  // another client of the user stays
    CHECK(decide(facts).cause == Cause::none);
    facts.leaves = true;
    facts.enabled = false;
    CHECK(decide(facts).cause == Cause::none);
  }
  SECTION("the last ones that the group needs") {
    facts.affiliated = facts.affiliated_min = 2;
    CHECK(decide(facts).cause == Cause::deaffiliation_forbidden);
    facts.affiliated = 3;
    CHECK(decide(facts).cause == Cause::none);
    facts.affiliated = 1;  // it has too few already
    CHECK(decide(facts).cause == Cause::none);
  }
  SECTION("a regroup holds it") {
    facts.kept_by_regroup = true;
    CHECK(decide(facts).cause == Cause::deaffiliation_forbidden);
  }
  SECTION("twice in the list, or in another user's name") {
    facts.named_before = true;
    CHECK(decide(facts).cause == Cause::group_duplicate);
    facts.for_itself = false;
    CHECK(decide(facts).cause == Cause::identity_mismatch);
  }
}

TEST_CASE("when affiliations of another user are asked for then the profile must permit it",
          "[10.X.3.1]") {
  CHECK(decide(StatusFacts{true, false, true, false}) == Cause::none);
  CHECK(decide(StatusFacts{false, true, true, false}) == Cause::none);
  CHECK(decide(StatusFacts{false, false, true, false}) == Cause::not_authorised);
  CHECK(decide(StatusFacts{false, true, false, false}) == Cause::user_unknown);
  CHECK(decide(StatusFacts{true, false, true, true}) == Cause::subscription_limit);
}
