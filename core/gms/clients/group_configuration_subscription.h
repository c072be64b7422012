// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/engine/context.h"
#include "core/gms/clients/client_view.h"
#include "core/gms/partner/group_configuration_request.h"

namespace bivouac::gms::clients {

/// Group management clients get the configuration of their groups from this server, once or with
/// every change (10.1.2, as the overview of 10.2.7 wants it for the members who are served here).
///
/// Nothing of it is stored: a subscription ends with the log-on, and the client says at the next
/// one which configuration it knows. One notification for each (client, group) is on the way; what
/// changes meanwhile is told by the next, the newest only. A client that may no longer have a group
/// is told that it is withdrawn, and told of the group again when it may.
class GroupConfigurationSubscription {
 public:
  using Pulls = partner::GroupConfigurationRequest;

  /// A request of a client, or its answer to a notification.
  void on_message(engine::Context& context, const wire::fb::Envelope& envelope, Pulls& pulls);
  void on_timeout(engine::Context& context, ExchangeId id);
  /// It is logged off.
  void on_client_gone(engine::Context& context, const engine::ClientAddress& client);

  /// The group's record, or its key material, was written or erased.
  void group_changed(std::string_view group_id);
  /// The profile of the user, or what its clients are authorised for, changed.
  void user_changed(std::string_view mc_service_id);
  /// Groups of this home may have become stale, or fresh: its link came up or went down, or it
  /// answered.
  void freshness_changed(std::string_view home) { recheck_[std::string(home)] = {}; }

  /// One slice; true when more can be done at once.
  bool go_on(engine::Context& context, const Pulls& pulls);
  std::size_t count() const { return subscriptions_.size(); }

 private:
  using Key = std::pair<std::string, engine::ClientAddress>;  // group, client
  struct Subscription {
    ExchangeId on_the_way;
    bool again = false;            // something may have changed meanwhile
    std::uint64_t digest = 0;      // that the client was told last; 0: nothing, or withdrawn
    std::uint64_t told_whole = 0;  // that it was told again, since it did not have it
    bool stale = false;            // the same
  };
  struct Client {
    absl::btree_set<std::string> groups;  // subscribed
    std::size_t on_the_way = 0;
    std::size_t gets = 0;  // that wait
  };
  struct Waiting {  // a request to get a group that is being pulled
    engine::ClientAddress client;
    ExchangeId exchange;
    Incarnation incarnation;
  };

  void on_get(engine::Context& context, const wire::fb::Envelope& envelope, Pulls& pulls);
  void on_subscribe(engine::Context& context, const wire::fb::Envelope& envelope, Pulls& pulls);
  void on_response(engine::Context& context, const wire::fb::Envelope& envelope);
  void mark(const Key& key, Subscription& subscription);
  void answer_get(engine::Context& context, std::string_view group_id, const Waiting& waiting,
                  Cause cause, const GroupView& view);
  void unsubscribe(const Key& key);
  bool tell(engine::Context& context, const Pulls& pulls, const Key& key,
            Subscription& subscription, const GroupView& view);
  void free_place(engine::Context& context, ExchangeId id);
  bool recheck_some(const engine::Context& context);
  bool answer_waiting(engine::Context& context, const Pulls& pulls);

  absl::btree_map<Key, Subscription> subscriptions_;
  absl::btree_map<engine::ClientAddress, Client> clients_;
  absl::btree_set<Key> to_tell_;
  absl::btree_map<ExchangeId, Key> on_the_way_;
  absl::btree_map<std::string, std::vector<Waiting>, std::less<>> waiting_;  // by group
  absl::btree_map<std::string, Key> recheck_;  // by home: behind which subscription
};

}  // namespace bivouac::gms::clients
