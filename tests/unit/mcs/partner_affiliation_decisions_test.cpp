// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "core/mcs/asking/affiliation_decision.h"
#include "core/mcs/hosting/partner_request.h"

using namespace bivouac;
using namespace bivouac::mcs;
using enum AffiliationStatus;

TEST_CASE("when a home answers then only what it reports as done is removed",
          "[10.X.3.2.2][10.X.4.3]") {
  using asking::AnswerFacts;
  using asking::decide;
  using asking::Outcome;
  struct Row {
    AnswerFacts facts;
    Outcome outcome;
  };
  const Row rows[] = {
      {{affiliating, false, false, affiliated, Cause::none}, Outcome::affiliated},
      {{affiliating, false, false, rejected, Cause::not_a_member}, Outcome::ends},
      {{affiliating, false, false, affiliating, Cause::unreachable}, Outcome::keep},
      // It was left while the request was on the way, or wanted again while the end was.
      {{deaffiliating, false, false, affiliated, Cause::none}, Outcome::keep},
      {{affiliating, false, true, deaffiliated, Cause::none}, Outcome::keep},
      {{deaffiliating, false, true, deaffiliated, Cause::none}, Outcome::ends},
      {{deaffiliating, false, true, not_affiliated, Cause::none}, Outcome::ends},
      {{deaffiliating, false, true, deaffiliating, Cause::unreachable}, Outcome::keep},
      {{deaffiliating, false, true, rejected, Cause::affiliation_required}, Outcome::stays},
      {{deaffiliating, true, true, rejected, Cause::affiliation_required}, Outcome::keep},
      {{deaffiliating, false, true, rejected, Cause::user_of_another}, Outcome::ends},
  };
  for (const Row& row : rows) CHECK(decide(row.facts) == row.outcome);
}

TEST_CASE("when a partner asks for a user then it must be its user, and have the right",
          "[10.X.3.2.2][10.X.3.2.1]") {
  using hosting::decide;
  using hosting::PartnerFacts;
  CHECK(decide(PartnerFacts{true, true, true}) == Cause::none);
  CHECK(decide(PartnerFacts{true, true, false}) == Cause::not_authorised);
  CHECK(decide(PartnerFacts{true, false, true}) == Cause::user_of_another);
  CHECK(decide(PartnerFacts{}) == Cause::not_authorised);
}
