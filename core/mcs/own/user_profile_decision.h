// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cause.h"

namespace bivouac::mcs::own {

struct ProfileFacts {
  Cause validity = Cause::none;
  bool of_partner = false;      // a pattern gives the user to a partner
  bool foreign_server = false;  // some group is to be had from another system's server
  bool stored = false;
  bool same = false;
  bool space_low = false;
  bool full = false;
};

/// Whether a profile may be stored.
inline Cause decide(const ProfileFacts& facts) {
  if (facts.validity != Cause::none) return facts.validity;
  if (facts.of_partner) return Cause::user_of_partner;
  if (facts.foreign_server) return Cause::profile_foreign_server;
  if (facts.same) return Cause::none;
  if (facts.space_low) return Cause::storage_full;
  if (!facts.stored && facts.full) return Cause::user_limit;
  return Cause::none;
}

}  // namespace bivouac::mcs::own
