// SPDX-License-Identifier: Apache-2.0
// The branches of the procedures, as tables.

#include <catch2/catch_test_macros.hpp>

#include "core/gms/home/fan_out_decision.h"
#include "core/gms/home/group_information_subscribe_decision.h"
#include "core/gms/partner/cached_group_decision.h"
#include "core/gms/partner/pull_decision.h"

using namespace bivouac;
using namespace bivouac::gms;
using home::Exposure;
using home::fan_out::Decision;

namespace {

constexpr std::uint64_t seen = 11;  // digest of what the partner may see now

Exposure known() { return {{3}, seen, {3}, false, false, {}, Cause::none}; }
Exposure changed() { return {{3}, 10, {3}, false, false, {}, Cause::none}; }
Exposure pending() { return {{3}, seen, {2}, false, false, {9}, Cause::none}; }
Exposure lost() { return {{3}, seen, {2}, false, false, {}, Cause::none}; }
Exposure withdrawn() { return {{3}, 0, {2}, true, false, {9}, Cause::none}; }
Exposure asked(Exposure exposure) {
  exposure.asked = true;
  return exposure;
}

}  // namespace

TEST_CASE("when a group is compared with what a partner was told then the table decides") {
  struct Row {
    const char* words;
    std::optional<Exposure> told;
    bool may_receive, may_request, by_rule, resend;
    std::uint64_t digest;
    Decision expected;
  };
  const Decision nothing = Decision::nothing;
  const Decision provide = Decision::provide;
  const Decision withdraw = Decision::withdraw;
  const Row rows[] = {
      {"never told, by rule", {}, true, false, true, false, seen, provide},
      {"never told, no rule", {}, true, false, false, false, seen, nothing},
      {"never told, no right", {}, false, true, true, false, seen, nothing},
      {"never told, gone", {}, true, true, false, false, 0, nothing},
      {"knows it", known(), true, false, true, false, seen, nothing},
      {"knows it, lost its store", known(), true, false, true, true, seen, provide},
      {"knows it, changed", changed(), true, false, true, false, seen, provide},
      {"knows it, gone", known(), true, false, false, false, 0, withdraw},
      {"knows it, no member any more", known(), true, false, false, false, seen, withdraw},
      {"knows it, right lost", known(), false, false, true, false, seen, withdraw},
      {"asked, no member", asked(known()), true, true, false, false, seen, nothing},
      {"asked, changed", asked(changed()), true, true, false, false, seen, provide},
      {"asked, may only request", asked(changed()), false, true, false, false, seen, nothing},
      {"asked, no right at all", asked(known()), false, false, false, false, seen, withdraw},
      {"asked, answer may be lost", asked(lost()), true, true, false, false, seen, provide},
      {"on its way", pending(), true, false, true, false, seen, nothing},
      {"on its way, lost its store", pending(), true, false, true, true, seen, provide},
      {"on its way, gone", pending(), true, false, false, false, 0, withdraw},
      {"being withdrawn", withdrawn(), true, false, false, false, 0, nothing},
      {"being withdrawn, defined again", withdrawn(), true, false, true, false, seen, provide},
      {"being withdrawn, no right", withdrawn(), false, false, true, true, seen, nothing},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    home::fan_out::Facts facts;
    facts.told = row.told;
    facts.may_receive = row.may_receive;
    facts.may_request = row.may_request;
    facts.by_rule = row.by_rule;
    facts.resend = row.resend;
    facts.digest = row.digest;
    CHECK(decide(facts) == row.expected);
  }
}

TEST_CASE("when a partner has subscribed, or may, then the table decides what it is told") {
  struct Row {
    const char* words;
    std::optional<Exposure> told;
    bool may_subscribe, subscribed;
    std::uint64_t digest;
    Decision expected;
  };
  const Row rows[] = {
      {"subscribed, never told", {}, true, true, seen, Decision::provide},
      {"subscribed, knows it", asked(known()), true, true, seen, Decision::nothing},
      {"subscribed, changed", asked(changed()), true, true, seen, Decision::provide},
      {"subscribed, gone", asked(known()), true, true, 0, Decision::withdraw},
      {"subscribed, answer may be lost", asked(lost()), true, true, seen, Decision::provide},
      {"was subscribed, lease over", asked(changed()), true, false, seen, Decision::nothing},
      {"was subscribed, gone", asked(known()), true, false, 0, Decision::withdraw},
      {"was subscribed, right lost", asked(known()), false, false, seen, Decision::withdraw},
      {"never subscribed, may", {}, true, false, seen, Decision::nothing},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    home::fan_out::Facts facts;
    facts.told = row.told;
    facts.may_subscribe = row.may_subscribe;
    facts.subscribed = row.subscribed;
    facts.digest = row.digest;
    CHECK(decide(facts) == row.expected);
  }
}

TEST_CASE("when a partner asks to subscribe then the table decides") {
  using F = home::group_information_subscribe::Facts;
  F may;
  may.may_subscribe = may.defined_here = true;
  may.digest = seen;
  F has = may;
  has.subscribed = true;
  has.told = asked(known());
  const auto with = [](F facts, const auto& change) {
    change(facts);
    return facts;
  };
  struct Row {
    const char* words;
    F facts;
    Cause cause;
    std::uint64_t revision;
    bool notify;
  };
  const auto stranger = [](F& f) { f.may_subscribe = false; };
  const auto ends = [](F& f) { f.ends = true, f.in_range = false; };
  const Row rows[] = {
      {"anew", may, Cause::none, 1, true},
      {"anew, after a removal", with(may, [](F& f) { f.floor = {6}; }), Cause::none, 7, true},
      {"no right", with(may, stranger), Cause::not_authorised, 0, false},
      {"no right, no such group", with(may, [](F& f) { f.may_subscribe = f.defined_here = false; }),
       Cause::not_authorised, 0, false},
      {"no such group", with(may, [](F& f) { f.defined_here = false; }), Cause::group_unknown, 0,
       false},
      {"out of range", with(may, [](F& f) { f.in_range = false; }), Cause::value_out_of_range, 0,
       false},
      {"shown nothing", with(may, [](F& f) { f.digest = 0; }), Cause::policy, 0, false},
      {"no space", with(may, [](F& f) { f.space_low = true; }), Cause::storage_full, 0, false},
      {"no place", with(may, [](F& f) { f.has_room = false; }), Cause::subscription_limit, 0,
       false},
      {"again, no space, no place",
       with(has, [](F& f) { f.space_low = true, f.has_room = false, f.known = {3}; }), Cause::none,
       3, false},
      {"again, knows it", with(has, [](F& f) { f.known = {3}; }), Cause::none, 3, false},
      {"again, knows an older one", with(has, [](F& f) { f.known = {2}; }), Cause::none, 3, true},
      {"again, knows nothing", has, Cause::none, 3, true},
      {"again, changed just now", with(has, [](F& f) { f.told = asked(changed()), f.known = {3}; }),
       Cause::none, 4, true},
      {"again, was withdrawn", with(has, [](F& f) { f.told = asked(withdrawn()), f.known = {3}; }),
       Cause::none, 4, true},
      {"ends", with(has, ends), Cause::none, 0, false},
      {"ends, right lost", with(with(has, ends), stranger), Cause::none, 0, false},
      {"ends, had none", with(may, ends), Cause::none, 0, false},
      {"ends, had none, no right", with(with(may, ends), stranger), Cause::none, 0, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto decision = decide(row.facts);
    CHECK(decision.cause == row.cause);
    CHECK(decision.revision.value == row.revision);
    CHECK(decision.notify == row.notify);
  }
}

TEST_CASE("when a home sends a group then the table decides whether it is stored") {
  using partner::CachedGroupFacts;
  CachedGroupFacts fresh;
  fresh.home_named = true;
  fresh.incarnation = {7};
  fresh.revision = {1};
  CachedGroupFacts stored = fresh;
  stored.stored = stored.same_home = true;
  stored.stored_incarnation = {7};
  stored.stored_revision = {4};
  const auto with = [](CachedGroupFacts facts, const auto& change) {
    change(facts);
    return facts;
  };
  struct Row {
    const char* words;
    CachedGroupFacts facts;
    Cause cause;
    bool changes;
  };
  using F = CachedGroupFacts;
  const Row rows[] = {
      {"new", fresh, Cause::none, true},
      {"new, of another home", with(fresh, [](F& f) { f.home_named = false; }),
       Cause::home_mismatch, false},
      {"new, of a group that a pattern gives to another",
       with(fresh, [](F& f) { f.home_of_others = true; }), Cause::home_mismatch, false},
      {"withdrawn, of a group that a pattern gives to another",
       with(stored, [](F& f) { f.revision = {5}, f.withdrawn = f.home_of_others = true; }),
       Cause::none, true},
      {"new, no space", with(fresh, [](F& f) { f.space_low = true; }), Cause::storage_full, false},
      {"new, no place", with(fresh, [](F& f) { f.full = true; }), Cause::group_limit, false},
      {"older", stored, Cause::revision_stale, false},
      {"withdrawn since it was sent", with(fresh, [](F& f) { f.outdated = true; }),
       Cause::revision_stale, false},
      {"the same", with(stored, [](F& f) { f.revision = {4}; }), Cause::none, false},
      {"the same, was orphaned", with(stored, [](F& f) { f.revision = {4}, f.orphaned = true; }),
       Cause::none, true},
      {"newer", with(stored, [](F& f) { f.revision = {5}; }), Cause::none, true},
      {"newer, no space", with(stored, [](F& f) { f.revision = {5}, f.space_low = true; }),
       Cause::storage_full, false},
      {"older, of a rebuilt home", with(stored, [](F& f) { f.incarnation = {8}; }), Cause::none,
       true},
      {"of a system that is not its home",
       with(stored, [](F& f) { f.revision = {5}, f.same_home = false; }), Cause::home_mismatch,
       false},
      {"withdrawn, no space",
       with(stored, [](F& f) { f.revision = {5}, f.withdrawn = f.space_low = true; }), Cause::none,
       true},
      {"withdrawn by an older word", with(stored, [](F& f) { f.withdrawn = true; }),
       Cause::revision_stale, false},
      {"withdrawn, not stored", with(fresh, [](F& f) { f.withdrawn = true; }), Cause::none, false},
      {"withdrawn by another system",
       with(stored, [](F& f) { f.revision = {5}, f.withdrawn = true, f.same_home = false; }),
       Cause::home_mismatch, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const partner::Judgement judgement = decide(row.facts);
    CHECK(judgement.cause == row.cause);
    CHECK(judgement.changes == row.changes);
  }
}

TEST_CASE("when an MC service server asks for a group then the table decides the way") {
  using partner::PullFacts;
  using partner::Way;
  struct Row {
    const char* words;
    PullFacts facts;
    Way way;
    Cause cause;
  };
  const Row rows[] = {
      {"defined here",
       {.stored = true, .home_here = true, .refresh = true},
       Way::answer_stored,
       Cause::none},
      {"cached",
       {.stored = true, .home_known = true, .home_reachable = true},
       Way::answer_stored,
       Cause::none},
      {"cached, refreshed",
       {.stored = true, .refresh = true, .home_known = true, .home_reachable = true},
       Way::ask_home,
       Cause::none},
      {"cached, refreshed, home away",
       {.stored = true, .refresh = true, .home_known = true},
       Way::answer_stored,
       Cause::none},
      {"cached, a pattern names another home",
       {.stored = true, .home_moved = true, .home_known = true, .home_reachable = true},
       Way::answer_stored,
       Cause::none},
      {"cached, refreshed, a pattern names another home",
       {.stored = true,
        .refresh = true,
        .home_moved = true,
        .home_known = true,
        .home_reachable = true},
       Way::refuse,
       Cause::home_mismatch},
      {"of no home", {}, Way::refuse, Cause::group_unknown},
      {"of a home that is away", {.home_known = true}, Way::refuse, Cause::unreachable},
      {"of a home", {.home_known = true, .home_reachable = true}, Way::ask_home, Cause::none},
      {"said to be unknown",
       {.home_known = true, .home_reachable = true, .known_unknown = true},
       Way::refuse,
       Cause::group_unknown},
      {"too many wait",
       {.home_known = true, .home_reachable = true, .too_many = true},
       Way::refuse,
       Cause::overloaded},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const partner::PullDecision decision = decide(row.facts);
    CHECK(decision.way == row.way);
    CHECK(decision.cause == row.cause);
  }
}
