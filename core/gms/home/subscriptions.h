// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/container/btree_map.h>

#include "core/engine/lease.h"
#include "core/store/record.h"

namespace bivouac::gms::home {

/// A partner's subscription to a group that has its home here, as a plain value.
struct Subscription {
  Incarnation subscriber;  // its store: another one knows nothing of the subscription
  engine::Lease lease;
  std::uint32_t interval_min_ms = 0;
  std::uint32_t failures = 0;  // notifications that came to nothing, one after another
  friend bool operator==(const Subscription&, const Subscription&) = default;
};

Subscription unpack(const store::fb::Subscription& record);
std::optional<Subscription> find_subscription(const engine::Context& context, IdentityNumber group,
                                              IdentityNumber system);

/// Who subscribed to which group of ours (10.2.7.4). The records are the truth; in memory are only
/// their number and when each lease ends.
class Subscriptions {
 public:
  /// After Boot.
  void start(engine::Context& context);
  /// The wall clock is trusted now: leases of earlier runs may end earlier.
  void on_clock(engine::Context& context);

  bool has_room(IdentityNumber system) const;
  void put(engine::Context& context, IdentityNumber group, IdentityNumber system,
           const Subscription& subscription);
  /// The partner is told no more. Cause::none: it wanted so; otherwise noted and counted.
  void end(engine::Context& context, IdentityNumber group, IdentityNumber system, Cause cause);
  /// Of a deadline `lease`.
  void on_lease_end(engine::Context& context, std::uint64_t number);
  std::size_t size() const { return size_; }

 private:
  void expect_end(engine::Context& context, const store::Key& key, const engine::Lease& lease);

  std::size_t size_ = 0;
  absl::btree_map<IdentityNumber, std::size_t> by_system_;
};

}  // namespace bivouac::gms::home
