// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/engine/context.h"
#include "core/gms/partner/wishes.h"

namespace bivouac::gms::partner {

/// Partner MC system subscribes to group configuration: the partner's half.
/// @clause S1 10.2.7.4 (10.2.7.4)
///
/// Step 1 is sent for each group that is wished for: when it was stored, when an operator says so,
/// after every reconnection, and at half of its lease; several groups of one home go in one
/// message. What is granted is in memory only, since it holds for one link: after a restart the
/// home is asked again. A group is fresh while its home has granted the subscription over the
/// present link and what the home told is stored.
class GroupInformationSubscribe {
 public:
  /// An operator's wish. Refused: group_unknown (nobody is its home), home_mismatch (it is defined
  /// here), value_out_of_range, subscription_limit, storage_full.
  struct Begun {
    std::string home;
    ExchangeId exchange;  // Operations::settled tells its outcome; none: the home is out of reach
  };
  Result<Begun> subscribe(engine::Context& context, std::string_view group_id,
                          std::uint32_t lease_s);
  Result<Begun> unsubscribe(engine::Context& context, std::string_view group_id);

  /// A group was stored or changed: is it to be subscribed to?
  void look_at(const engine::Context& context, std::string_view home, std::string_view group_id);
  /// It is no more.
  void forget(engine::Context& context, IdentityNumber group);
  void on_link_up(engine::Context& context, std::string_view home);
  void on_link_down(engine::Context& context, std::string_view home);
  /// Wishes and leases may be others now.
  void on_reload(engine::Context& context);
  void on_renewal(engine::Context& context, IdentityNumber home);
  /// One slice; true when more can be done at once.
  bool go_on(engine::Context& context);

  /// Step 2.
  void on_response(engine::Context& context, const wire::fb::Envelope& envelope);
  /// No answer in time, or the home could not take the request at all.
  void on_failure(engine::Context& context, ExchangeId id, Cause cause);
  /// A notification was stored; a group that was behind may be fresh now.
  void on_notified(engine::Context& context, std::string_view group_id, ExposedRevision revision);

  /// What is known of the subscription to one group.
  struct State {
    bool granted = false;  // over the present link
    MonoMs until;
    ExposedRevision told;       // by the home
    Cause cause = Cause::none;  // why the last try failed
  };
  State state_of(IdentityNumber group) const;
  /// Whether a cached group may be older than what its home would give.
  bool is_stale(const engine::Context& context, IdentityNumber group,
                const store::fb::Group& record) const;
  /// For how long it is so: since the home was in reach last, or since it was stored when the home
  /// was not reached in this run.
  DurationMs stale_for(const engine::Context& context, const store::fb::Group& record) const;
  /// The home will be asked, and brings its newest by itself.
  bool is_coming(const engine::Context& context, IdentityNumber group,
                 std::string_view group_id) const;

 private:
  struct Held {
    std::string home;
    MonoMs renew;
    MonoMs until;
    ExposedRevision told;
  };
  struct Failure {
    std::string home;
    Cause cause = Cause::none;
    MonoMs again;
  };
  struct Asked {
    IdentityNumber group;
    std::string group_id;
    ExposedRevision known;
  };
  struct Request {  // on the way
    std::string home;
    Aim aim = Aim::subscribe;
    std::vector<Asked> groups;  // ascending by their ids
  };
  using Groups = absl::btree_set<IdentityNumber>;
  /// Groups that are stored are looked at first, then wishes for others.
  struct Sweep {
    bool at_wishes = false;
    IdentityNumber after;
  };

  bool is_due(const engine::Context& context, IdentityNumber group, Aim aim) const;
  std::size_t on_the_way(std::string_view home) const;
  ExchangeId send(engine::Context& context, Request request, std::uint32_t lease_s);
  void send_next(engine::Context& context, std::string_view home, Groups& due);
  bool sweep_some(engine::Context& context, const std::string& home, Sweep& sweep);
  void sweep_one(engine::Context& context, std::string_view home, IdentityNumber group);
  void finish(engine::Context& context, ExchangeId id, Cause cause, ExposedRevision revision);
  void grant(engine::Context& context, std::string_view home, const Asked& asked,
             ExposedRevision told, std::uint32_t lease_s);
  void end(engine::Context& context, IdentityNumber group);
  void fail(engine::Context& context, std::string_view home, const Asked& asked, Cause cause);
  void wake_at(engine::Context& context, std::string_view home, MonoMs at);

  absl::btree_map<std::string, Groups, std::less<>> due_;  // to be looked at, by home
  absl::btree_map<std::string, Sweep, std::less<>> sweeps_;
  absl::btree_map<ExchangeId, Request> requests_;
  Groups under_way_;
  absl::btree_map<IdentityNumber, Held> held_;
  absl::btree_map<IdentityNumber, Failure> failed_;
  absl::btree_map<std::string, MonoMs, std::less<>> wakes_;  // deadlines `renewal`, by home
  absl::btree_set<std::string> reached_;                     // homes, now
  absl::btree_map<std::string, MonoMs, std::less<>> lost_;   // when another was so last
};

}  // namespace bivouac::gms::partner
