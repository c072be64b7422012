// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/affiliation.h"

namespace bivouac::mcs::own {

/// Of one group of the list.
struct DeaffiliationFacts {
  bool for_itself = true;          // nobody asks in another user's name
  bool named_before = false;       // further up in the same list
  bool held = false;               // by the client, or the clients, that are to leave
  bool leaves = false;             // no other client of the user stays
  bool kept_by_regroup = false;    // a regroup wants it, which only its own end undoes
  bool enabled = false;            // its policy is cached, and says so
  bool required = false;           // the member is to stay affiliated
  std::size_t affiliated = 0;      // users, this one included
  std::size_t affiliated_min = 0;  // 0: not given
};

struct DeaffiliationDecision {
  AffiliationStatus status = AffiliationStatus::deaffiliated;
  Cause cause = Cause::none;
  friend bool operator==(const DeaffiliationDecision&, const DeaffiliationDecision&) = default;
};

/// 10.X.4.2 step 2. Leaving a group that is disabled, or not known any more, is never refused (F9);
/// leaving one that the user is not affiliated to is no failure (F11). What binds a member binds
/// the user, not each of the user's clients (F10).
inline DeaffiliationDecision decide(const DeaffiliationFacts& facts) {
  const auto refuse = [](Cause cause) {
    return DeaffiliationDecision{AffiliationStatus::rejected, cause};
  };
  if (!facts.for_itself) return refuse(Cause::identity_mismatch);
  if (facts.named_before) return refuse(Cause::group_duplicate);
  if (!facts.held) return {AffiliationStatus::not_affiliated, Cause::none};
  if (facts.kept_by_regroup) return refuse(Cause::deaffiliation_forbidden);
  if (!facts.leaves || !facts.enabled) return {};
  if (facts.required) return refuse(Cause::affiliation_required);
  // Below the minimum already, one who leaves breaks nothing more.
  if (facts.affiliated_min != 0 && facts.affiliated == facts.affiliated_min)
    return refuse(Cause::deaffiliation_forbidden);
  return {};
}

}  // namespace bivouac::mcs::own
