// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/cause.h"

namespace bivouac::gms::partner {

/// What step 1 leads to.
enum class Way : std::uint8_t { answer_stored, ask_home, refuse };

struct PullFacts {
  bool stored = false;
  bool home_here = false;
  bool refresh = false;
  bool home_moved = false;  // it is stored from another home than the one that the patterns name
  bool home_known = false;
  bool home_reachable = false;
  bool known_unknown = false;  // the home said so a moment ago
  bool on_the_way = false;
  bool too_many = false;
};

struct PullDecision {
  Way way = Way::refuse;
  Cause cause = Cause::none;
};

inline PullDecision decide(const PullFacts& facts) {
  if (facts.home_here) return {Way::answer_stored, Cause::none};
  // Fourth precondition: not stored. A refresh asks nevertheless (P4).
  if (facts.stored && (!facts.refresh || !facts.home_reachable))
    return {Way::answer_stored, Cause::none};
  if (facts.home_moved) return {Way::refuse, Cause::home_mismatch};
  if (!facts.home_known) return {Way::refuse, Cause::group_unknown};
  if (!facts.home_reachable) return {Way::refuse, Cause::unreachable};
  if (facts.known_unknown && !facts.stored) return {Way::refuse, Cause::group_unknown};
  if (facts.too_many) return {Way::refuse, Cause::overloaded};
  return {Way::ask_home, Cause::none};
}

}  // namespace bivouac::gms::partner
