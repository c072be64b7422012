// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/base/time.h"

namespace bivouac::engine {

/// What a deadline belongs to.
enum class DeadlineKind : std::uint8_t {
  dial,                // number: partner
  heartbeat,           // number: connection
  silence,             // number: connection; nothing was heard for too long
  hello,               // number: connection; it did not say Hello
  exchange,            // number: exchange
  push_again,          // number: partner; what was refused or not answered is tried again
  notify_again,        // number: partner; the shortest time between two notifications is over
  lease,               // number: group and partner; a subscription ends
  renewal,             // number: partner; subscriptions of ours are to be renewed, or tried again
  presence,            // number: partner behind a proxy; a sign of life is due, or has not come
  operation,           // number: operator's connection that waits for partners
  key_expiry,          // number: group
  affiliation_again,   // what partners did not settle is asked again; number: 0
  affiliation_answer,  // number: a client's request that waits for partners
  affiliation_grace,   // number: user and client; a client that is gone does not come back
  work,  // a cursor goes on; number: 0 at once, 1 what failed is tried again, 2 housekeeping
};

struct DeadlineId {
  DeadlineKind kind = DeadlineKind::work;
  std::uint64_t number = 0;
  friend auto operator<=>(const DeadlineId&, const DeadlineId&) = default;
};

/// Work may wait for the disk, everything else may not (decision 7).
enum class Wanted : std::uint8_t { all, all_but_work };

/// All deadlines of a node, in the order in which they are due; the runtime owns one timer only.
class Deadlines {
 public:
  /// Replaces an earlier one of the same id.
  void set(DeadlineId id, MonoMs at);
  void clear(DeadlineId id);
  /// MonoMs::never() when there is none.
  MonoMs next(Wanted wanted = Wanted::all) const;
  /// Removes and returns the earliest that is due; at equal times in the order of ids.
  std::optional<DeadlineId> take_due(MonoMs now, Wanted wanted = Wanted::all);

 private:
  using ByTime = absl::btree_set<std::pair<MonoMs, DeadlineId>>;
  ByTime::const_iterator first(Wanted wanted) const;

  absl::btree_map<DeadlineId, MonoMs> by_id_;
  ByTime by_time_;
};

}  // namespace bivouac::engine
