// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/gms/home/exposure.h"
#include "core/gms/home/shown_groups.h"
#include "core/gms/home/subscriptions.h"

namespace bivouac::gms::home {

/// Brings to partners what they are to be told: pushes (10.2.7.2) and notifications (10.2.7.5).
///
/// What is to be told is an outbox record, which lives until the partner says success; a retry has
/// the same exchange id, so it has no second effect, until the lifetime of the exchange is over and
/// a new one takes its place. For one partner and group one is on the way at a time, and what
/// changed meanwhile follows as one (N8). Only which of them are on the way is in memory.
class Delivery {
 public:
  Delivery(Subscriptions& subscriptions, ShownGroups& shown_groups)
      : subscriptions_(subscriptions), shown_groups_(shown_groups) {}

  /// After Boot: announces the ids of what is pending.
  void start(engine::Context& context);

  /// Something may be sent to this partner: its link is up, an answer came, a record was put.
  void wake(std::string_view system_id) { awake_.insert(std::string(system_id)); }
  bool has_work() const { return !awake_.empty() && has_room(); }
  /// Sends what may be sent to one partner that is awake.
  void send_some(engine::Context& context);

  /// Cause::none is success. `means` is the kind of message that was answered.
  void on_response(engine::Context& context, std::string_view system_id, ExchangeId id,
                   std::string_view group_id, Means means, Cause cause);
  /// No answer came: the same request is sent again.
  void on_timeout(engine::Context& context, ExchangeId id, std::string_view system_id);
  void on_link_down(engine::Context& context, std::string_view system_id);
  /// What was refused is tried again.
  void on_push_again(engine::Context& context, IdentityNumber system);
  /// The shortest time between two notifications of some group is over.
  void on_notify_again(engine::Context& context, IdentityNumber system);

  std::size_t pending(const engine::Context& context, std::string_view system_id) const;

 private:
  /// An outbox record.
  struct Pending {
    IdentityNumber system;
    IdentityNumber group;
    ExchangeId id;
    Means means = Means::push;
  };
  struct Sent {
    Pending pending;
    std::size_t bytes = 0;
  };
  struct Flight {
    absl::btree_map<ExchangeId, Sent> sent;              // no answer yet
    absl::btree_set<ExchangeId> refused;                 // wait until push_again or the next link
    absl::btree_map<IdentityNumber, MonoMs> not_before;  // of groups with an interval
    MonoMs again = MonoMs::never();                      // push_again
    MonoMs notify_again = MonoMs::never();
    std::size_t bytes = 0;  // of all that were sent
  };
  /// All partners together: a change for hundreds of them does not lie in memory hundreds of times.
  bool has_room() const { return bytes_on_the_way_ < limits::staged_send_bytes_max; }
  bool is_full(const Flight& flight) const;
  bool must_wait(engine::Context& context, Flight& flight, const Pending& pending) const;
  bool renew(engine::Context& context, std::string_view system_id, const Pending& pending) const;
  void tell_by(const engine::Context& context, Means means, const Pending& pending,
               std::string_view system_id, Exposure& exposure) const;
  bool send_one(engine::Context& context, const engine::Partner& partner, const Pending& pending);
  void put_off(engine::Context& context, std::string_view system_id, const Pending& pending,
               Cause cause);
  void take_back(engine::Context& context, Flight& flight, ExchangeId id);
  void note_interval(engine::Context& context, Flight& flight, const Pending& pending) const;

  Subscriptions& subscriptions_;
  ShownGroups& shown_groups_;
  absl::btree_map<std::string, Flight, std::less<>> flights_;
  absl::btree_set<std::string, std::less<>> awake_;
  std::size_t bytes_on_the_way_ = 0;
};

}  // namespace bivouac::gms::home
