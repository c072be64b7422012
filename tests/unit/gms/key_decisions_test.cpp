// SPDX-License-Identifier: Apache-2.0
// The decisions about key material, as tables.

#include <catch2/catch_test_macros.hpp>

#include "core/gms/home/key_import_decision.h"
#include "core/gms/partner/cached_group_decision.h"

using namespace bivouac;
using namespace bivouac::gms;

TEST_CASE("an import of key material is decided in the order of what the operator can mend",
          "[10.2.7.5]") {
  using home::key_import::decide;
  using home::key_import::Facts;
  const Facts good{.stored = true, .home_here = true};
  CHECK(decide(good) == Cause::none);
  CHECK(decide({}) == Cause::group_unknown);
  Facts facts = good;
  facts.space_low = true;
  CHECK(decide(facts) == Cause::storage_full);
  facts.same = true;
  CHECK(decide(facts) == Cause::none);  // writes nothing
  facts.same = false;
  facts.too_much = true;
  CHECK(decide(facts) == Cause::key_limit);
  facts.has_expired = true;
  CHECK(decide(facts) == Cause::key_expired);
  facts.has_stranger = true;
  CHECK(decide(facts) == Cause::key_stranger);
  facts.home_here = false;
  CHECK(decide(facts) == Cause::not_home_here);
  facts.stored = false;
  CHECK(decide(facts) == Cause::group_unknown);
}

TEST_CASE("key material decides whether what a home sends again changes anything", "[10.2.7.5]") {
  using partner::CachedGroupFacts;
  using partner::decide;
  CachedGroupFacts again;
  again.home_named = again.stored = again.same_home = true;
  again.stored_incarnation = again.incarnation = {7};
  again.stored_revision = again.revision = {3};
  CHECK_FALSE(decide(again).changes);
  CachedGroupFacts other_keys = again;
  other_keys.keys_differ = true;
  CHECK(decide(other_keys).changes);
  CHECK(decide(other_keys).cause == Cause::none);
  other_keys.space_low = true;
  CHECK(decide(other_keys).cause == Cause::storage_full);
  CachedGroupFacts older = other_keys;
  older.revision = {2};
  CHECK(decide(older).cause == Cause::revision_stale);  // older keys are not taken
  CachedGroupFacts stranger = again;
  stranger.revision = {4};
  stranger.keys_stranger = true;
  CHECK(decide(stranger).cause == Cause::key_stranger);
  CHECK_FALSE(decide(stranger).changes);
  stranger.same_home = false;
  CHECK(decide(stranger).cause == Cause::home_mismatch);
}
