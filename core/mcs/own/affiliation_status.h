// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/mcs/affiliations.h"

namespace bivouac::mcs::own {

/// What MC service clients are told of affiliations that they did not ask for themselves. A client
/// hears of its own user without asking; of another one when its user has the right and it has
/// subscribed. It is told all that there is, in place of what it was told before.
///
/// Nothing of it is stored: a client that logs on is told anew. One notification for each (client,
/// user) is on the way; what changes meanwhile is told by the next.
class AffiliationStatusNotification {
 public:
  using ClientAddress = engine::ClientAddress;

  void on_subscribe(engine::Context& context, const wire::fb::Envelope& envelope,
                    const Affiliations& affiliations);
  /// A client's answer to a notification.
  void on_response(engine::Context& context, const wire::fb::Envelope& envelope);
  void on_timeout(engine::Context& context, ExchangeId id);
  /// It is logged off.
  void on_client_gone(engine::Context& context, const ClientAddress& client);

  /// The client has logged on: it is told what stands.
  void client_came(const ClientAddress& client);
  /// Affiliations of the user changed. `asker` knows it from its answer.
  void changed(const engine::Context& context, std::string_view mc_service_id,
               const ClientAddress* asker = nullptr);
  /// Of the user's clients, those who may not hear of others any more are told so.
  void rights_changed(const engine::Context& context, std::string_view mc_service_id);
  /// One slice; true when more can be done at once.
  bool go_on(engine::Context& context, const Affiliations& affiliations);

 private:
  using Key = std::pair<ClientAddress, std::string>;  // who is told, of whom
  struct Told {
    ExchangeId on_the_way;
    bool again = false;  // something changed meanwhile
    bool any = false;    // it was told of something: then it is told when nothing is left
  };
  static bool may_hear(const engine::Context& context, const Key& key);
  void forget(const Key& key);
  void mark(const Key& key);
  void tell(engine::Context& context, const Key& key, const Affiliations& affiliations);
  ExchangeId await_answer(engine::Context& context, const Key& key);
  void free_place(engine::Context& context, ExchangeId id);

  absl::btree_map<Key, Told> told_;
  absl::btree_set<Key> to_tell_;
  absl::btree_map<ExchangeId, Key> on_the_way_;
  // Of other users: who wants to hear of them.
  absl::btree_map<std::string, absl::btree_set<ClientAddress>, std::less<>> watched_;
};

/// Tells the user's clients what ended without their asking, and why (the published 10.8.2.13).
void notify_ended(engine::Context& context, std::string_view mc_service_id,
                  const std::vector<GroupAffiliation>& ended);

/// All that there is of a user, as messages bear it: ascending by group, then by client.
std::vector<GroupAffiliation> list_affiliations(const engine::Context& context,
                                                const Affiliations& affiliations,
                                                std::string_view mc_service_id);

}  // namespace bivouac::mcs::own
