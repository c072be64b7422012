// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "core/gms/home/exposure.h"

namespace bivouac::gms::home::group_information_subscribe {

/// What is known when a partner subscribes to a group, renews or ends its subscription.
struct Facts {
  bool ends = false;           // a lease of 0
  bool may_subscribe = false;  // the right for this group
  bool in_range = true;        // lease and interval
  bool defined_here = false;
  bool subscribed = false;
  bool has_room = true;
  bool space_low = false;
  std::uint64_t digest = 0;  // of what the partner may see; 0: nothing
  std::optional<Exposure> told;
  ExposedRevision floor;  // of revisions that it was given before
  ExposedRevision known;  // given by this store; 0: nothing
};

struct Decision {
  Cause cause = Cause::none;
  ExposedRevision revision;  // that the partner is to have
  bool notify = false;       // it has another one (N5, N7)
};

inline Decision decide(const Facts& facts) {
  if (facts.ends) return {};  // leaving needs no right, and its success tells nothing
  // A stranger does not learn which groups exist (D5).
  if (!facts.may_subscribe) return {Cause::not_authorised, {}, false};
  if (!facts.in_range) return {Cause::value_out_of_range, {}, false};
  if (!facts.defined_here) return {Cause::group_unknown, {}, false};
  if (facts.digest == 0) return {Cause::policy, {}, false};
  if (!facts.subscribed && !facts.has_room) return {Cause::subscription_limit, {}, false};
  const bool same = facts.told && !facts.told->withdrawn && facts.told->digest == facts.digest;
  const ExposedRevision told = facts.told ? facts.told->revision : facts.floor;
  const ExposedRevision revision = same ? told : ExposedRevision{told.value + 1};
  const bool notify = facts.known != revision;
  // What waits already does not grow; a renewal of who knows the newest does not either.
  const bool waits = same && facts.told->pending.is_set();
  const bool grows = !facts.subscribed || (notify && !waits);
  if (facts.space_low && grows) return {Cause::storage_full, {}, false};
  return {Cause::none, revision, notify};
}

}  // namespace bivouac::gms::home::group_information_subscribe
