// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cause.h"
#include "core/base/service.h"

namespace bivouac::mcs::own {

struct LogOnFacts {
  bool served_here = false;  // the profile is stored, and no partner claims the user
  Services profile;
  Services here;       // MC services with an MC service server here
  Services requested;  // none: all of the profile
  bool logged_on = false;
  bool too_many = false;  // clients of the user, or in all
};

struct LogOnDecision {
  Cause cause = Cause::none;
  Services services;  // that the client is authorised for
};

inline LogOnDecision decide(const LogOnFacts& facts) {
  if (!facts.served_here) return {Cause::user_unknown, {}};
  const Services wanted = facts.requested.empty() ? facts.profile : facts.requested;
  const Services granted = wanted & facts.profile & facts.here;
  if (granted.empty()) return {Cause::service_unknown, {}};
  if (!facts.logged_on && facts.too_many) return {Cause::client_limit, {}};
  return {Cause::none, granted};
}

}  // namespace bivouac::mcs::own
