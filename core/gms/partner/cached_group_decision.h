// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cause.h"
#include "core/base/ids.h"
#include "core/base/planted.h"
#include "core/gms/partner/cached_group.h"

namespace bivouac::gms::partner {

/// What is known when a home sends one of its groups, or withdraws it.
struct CachedGroupFacts {
  bool withdrawn = false;
  bool home_named = false;      // the configuration names the sender as the group's home
  bool home_of_others = false;  // a pattern gives the group to another partner than the sender
  bool stored = false;
  bool same_home = false;
  bool orphaned = false;
  bool outdated = false;       // the sender has withdrawn it since (P6)
  bool keys_differ = false;    // those that came from those that are stored
  bool keys_stranger = false;  // one is for somebody who is no member, or a partner's user
  Incarnation stored_incarnation;
  Incarnation incarnation;
  ExposedRevision stored_revision;
  ExposedRevision revision;
  bool space_low = false;
  bool full = false;
};

inline Judgement decide(const CachedGroupFacts& facts) {
  if (!facts.withdrawn && !facts.home_named) return {Cause::home_mismatch, false};
  if (facts.stored && !facts.same_home) return {Cause::home_mismatch, false};
  // What a home gave before it may still take back.
  if (facts.home_of_others && !facts.withdrawn) return {Cause::home_mismatch, false};
  if (facts.keys_stranger) return {Cause::key_stranger, false};
  if (facts.outdated && !is_planted(Planted::older_version_accepted))
    return {Cause::revision_stale, false};
  // Another incarnation of the home's store is believed whatever its revisions say (decision 2).
  const bool same_store =
      facts.stored_incarnation == facts.incarnation || is_planted(Planted::incarnation_ignored);
  if (facts.stored && same_store) {
    const bool older = facts.revision < facts.stored_revision;
    if (older && !is_planted(Planted::older_version_accepted)) {
      return {Cause::revision_stale, false};
    }
    const bool again = facts.revision == facts.stored_revision && !facts.withdrawn;
    if (again && !facts.orphaned && !facts.keys_differ &&
        !is_planted(Planted::retried_request_repeated)) {
      return {Cause::none, false};
    }
  }
  if (facts.withdrawn) return {Cause::none, facts.stored};  // removal is never refused for space
  if (facts.space_low) return {Cause::storage_full, false};
  if (!facts.stored && facts.full) return {Cause::group_limit, false};
  return {Cause::none, true};
}

}  // namespace bivouac::gms::partner
