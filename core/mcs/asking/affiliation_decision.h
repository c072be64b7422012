// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/affiliation.h"

namespace bivouac::mcs::asking {

/// What a partner's answer makes of a record that is pending.
enum class Outcome : std::uint8_t {
  keep,        // it has changed its mind meanwhile, or the partner has not settled it
  affiliated,  // it stands
  stays,       // leaving was refused to its user, and it stands again
  ends,        // the record goes
};

struct AnswerFacts {
  AffiliationStatus wanted = AffiliationStatus::affiliating;  // the record
  bool by_us = false;  // our own rules ended it, not its user
  bool left = false;   // the answer is to a de-affiliation
  AffiliationStatus told = AffiliationStatus::rejected;
  Cause cause = Cause::none;
};

/// 10.X.3.2.2 step 8, 10.X.4.3 step 7: only what was reported as done is removed (F12), and what
/// the partner does not take for ours at all.
inline Outcome decide(const AnswerFacts& facts) {
  if (facts.left != (facts.wanted == AffiliationStatus::deaffiliating)) return Outcome::keep;
  if (!facts.left) {
    if (facts.told == AffiliationStatus::affiliated) return Outcome::affiliated;
    return facts.told == AffiliationStatus::rejected ? Outcome::ends : Outcome::keep;
  }
  if (facts.told == AffiliationStatus::deaffiliating) return Outcome::keep;
  const bool must_stay =
      facts.cause == Cause::affiliation_required || facts.cause == Cause::deaffiliation_forbidden;
  if (facts.told == AffiliationStatus::rejected && must_stay)
    return facts.by_us ? Outcome::keep : Outcome::stays;
  return Outcome::ends;
}

}  // namespace bivouac::mcs::asking
