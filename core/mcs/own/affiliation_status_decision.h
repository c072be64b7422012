// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cause.h"

namespace bivouac::mcs::own {

struct StatusFacts {
  bool of_itself = false;    // the user asks for its own affiliations
  bool permitted = false;    // by its profile, for those of others
  bool served_here = false;  // whom it asks for
  bool too_many = false;     // subscriptions of the client
};

/// Whether a client may hear of a user's affiliations.
inline Cause decide(const StatusFacts& facts) {
  if (!facts.of_itself && !facts.permitted) return Cause::not_authorised;
  if (!facts.served_here) return Cause::user_unknown;
  if (facts.too_many) return Cause::subscription_limit;
  return Cause::none;
}

}  // namespace bivouac::mcs::own
