// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/base/affiliation.h"

namespace bivouac::mcs::own {

/// Of one group of the list.
struct AffiliationFacts {
  bool named_before = false;  // further up in the same list
  bool in_profile = false;
  bool elsewhere = false;       // a partner is its home, and decides by the policy
  bool stored = false;          // its policy is cached here
  Cause missing = Cause::none;  // why it is not
  bool disabled = false;
  bool member = false;
  Services services;              // of the group, those that the user has
  bool held = false;              // this client is affiliated already
  bool counted = false;           // the user is, by one client or another
  bool too_many_clients = false;  // of the user, for this group
  bool left_since = false;        // the client has left it after it asked
};

/// Of the user who asks.
struct AffiliatingFacts {
  bool for_itself = true;          // nobody asks in another user's name
  std::size_t groups_counted = 0;  // against N2
  std::size_t groups_max = 0;      // N2
  std::size_t places = 0;          // records that may still be made
  bool space_low = false;
};

struct AffiliationDecision {
  Cause cause = Cause::none;  // none: affiliated
  Services services;
  friend bool operator==(const AffiliationDecision&, const AffiliationDecision&) = default;
};

/// The policy and the subscription, without N2 (10.X.3.1 step 3). An affiliation that stands is
/// judged by the same rules when they change (F27).
inline Cause judge(const AffiliationFacts& facts) {
  if (!facts.in_profile) return Cause::not_in_profile;
  if (facts.elsewhere) return Cause::none;  // F1: profile and N2 are ours to judge, no more
  if (!facts.stored) return facts.missing == Cause::none ? Cause::group_unknown : facts.missing;
  if (facts.disabled) return Cause::group_disabled;  // enabled is: not disabled (F3)
  if (!facts.member) return Cause::not_a_member;
  if (facts.services.empty()) return Cause::service_unknown;
  return Cause::none;
}

/// 10.X.3.1 step 3, group by group in the order of the list: what is affiliated already is free,
/// the others are granted until N2 is reached (F2). A refusal does not touch the other groups.
inline std::vector<AffiliationDecision> decide(AffiliatingFacts user,
                                               const std::vector<AffiliationFacts>& groups) {
  std::vector<AffiliationDecision> decisions;
  decisions.reserve(groups.size());
  const auto decide_one = [&user](const AffiliationFacts& facts) {
    if (!user.for_itself) return Cause::identity_mismatch;
    if (facts.named_before) return Cause::group_duplicate;
    if (facts.left_since) return Cause::superseded;
    if (const Cause cause = judge(facts); cause != Cause::none) return cause;
    if (facts.held) return Cause::none;
    if (!facts.counted && user.groups_counted >= user.groups_max) return Cause::affiliation_limit;
    if (facts.too_many_clients) return Cause::client_limit;
    if (user.space_low) return Cause::storage_full;
    if (user.places == 0) return Cause::overloaded;
    return Cause::none;
  };
  for (const AffiliationFacts& facts : groups) {
    const Cause cause = decide_one(facts);
    decisions.push_back({cause, cause == Cause::none ? facts.services : Services{}});
    if (cause != Cause::none || facts.held) continue;
    --user.places;
    if (!facts.counted) ++user.groups_counted;
  }
  return decisions;
}

}  // namespace bivouac::mcs::own
