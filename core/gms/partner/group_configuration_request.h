// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/container/btree_map.h>

#include "core/gms/partner/group_information_subscribe.h"
#include "core/gms/partner/withdrawals.h"

namespace bivouac::gms::partner {

/// Partner MC system requests group configuration from the primary MC system: the partner's half.
/// @clause S0 10.2.7.3 (10.2.7.3)
///
/// Step 1 comes from an MC service server here. One request per group is on the way at a time, for
/// all who wait for it (P4); what the home does not know is remembered for a short while. A pull
/// does not survive a restart: whoever asked for it is gone too.
class GroupConfigurationRequest {
 public:
  GroupConfigurationRequest(const GroupInformationSubscribe& subscriptions,
                            const Withdrawals& withdrawals)
      : subscriptions_(subscriptions), withdrawals_(withdrawals) {}

  /// Step 1.
  void on_get(engine::Context& context, const wire::fb::Envelope& envelope);
  /// Step 3; leads to steps 4, 5 and 6.
  void on_response(engine::Context& context, const wire::fb::Envelope& envelope);
  /// No answer in time, or the home could not take the request at all.
  void on_failure(engine::Context& context, ExchangeId id, Cause cause);
  void on_link_down(engine::Context& context, std::string_view system_id);
  /// Asks again for a cached group whose home has a new store; nobody waits for it. False: later.
  bool refresh(engine::Context& context, std::string_view home, std::string_view group_id);
  /// A group management client needs a group that is not stored: its home is asked, unless it is on
  /// the way already. Refused: group_unknown, unreachable, overloaded.
  Cause pull_for_client(engine::Context& context, std::string_view group_id);
  /// Whether what is stored of a partner's group may be older than what its home would give.
  bool is_stale(const engine::Context& context, IdentityNumber group,
                const store::fb::Group& record) const {
    return subscriptions_.is_stale(context, group, record);
  }
  DurationMs stale_for(const engine::Context& context, const store::fb::Group& record) const {
    return subscriptions_.stale_for(context, record);
  }
  /// A group that is not here may be yet: it is being pulled, its home could not be asked, or its
  /// record is here and cannot be read.
  bool may_come(const engine::Context& context, std::string_view group_id) const;
  /// Why a group that was asked for is not here.
  Cause why_missing(const engine::Context& context, std::string_view group_id) const;
  /// A refresh that failed is repeated after a while, or over the next link.
  bool has_failed(const engine::Context& context, std::string_view group_id) const;
  std::size_t on_the_way(std::string_view home) const;
  bool is_on_the_way(std::string_view group_id) const { return by_group_.contains(group_id); }

 private:
  struct Waiter {  // an MC service server here, by the address of its request
    ExchangeId exchange;
    Services services;
  };
  struct Pull {
    std::string group_id;
    std::string home;
    ExposedRevision known;  // which the home may confirm instead of sending it
    std::vector<Waiter> waiters;
  };
  struct Failure {
    std::string home;
    MonoMs until;
  };

  void begin(engine::Context& context, std::string_view home, std::string_view group_id,
             std::vector<Waiter> waiters);
  enum class Asked : std::uint8_t { no, in_vain };  // the home, for this answer
  void answer(engine::Context& context, const Waiter& waiter, std::string_view group_id,
              Cause cause, Asked asked = Asked::no);
  void finish(engine::Context& context, ExchangeId id, Cause cause,
              const GroupConfiguration* fresh);
  bool is_unknown(const engine::Context& context, std::string_view group_id) const;

  const GroupInformationSubscribe& subscriptions_;
  const Withdrawals& withdrawals_;
  absl::btree_map<ExchangeId, Pull> pulls_;
  absl::btree_map<std::string, ExchangeId, std::less<>> by_group_;
  absl::btree_map<std::string, Failure, std::less<>> failed_;  // refreshes, by group
  absl::btree_map<std::string, MonoMs, std::less<>> unknown_;  // negative cache: until when
  absl::btree_map<std::string, Cause, std::less<>> why_;       // of the last pull, if it failed
};

}  // namespace bivouac::gms::partner
