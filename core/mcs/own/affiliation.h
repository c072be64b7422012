// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/mcs/asking/affiliation.h"
#include "core/mcs/own/affiliation_facts.h"
#include "core/mcs/own/affiliation_status.h"
#include "core/mcs/user_affiliations.h"

namespace bivouac::mcs::own {

/// A client of a user who is served here affiliates to groups that have their home here; those of
/// partners in the same list are stored as pending, and go their own way from there (F5).
/// @clause S4 10.X.3.1
///
/// A request whose policies are cached is decided and answered in its step. One that lacks some
/// waits in memory until the group management server has given them, or not: with its client's
/// session it is gone, and the client asks again, which changes nothing twice. What the profile
/// wants at log-on is the same without a request (F26); it comes to nothing when the client has
/// left before it was done.
class AffiliationProcedure {
 public:
  AffiliationProcedure(Affiliations& affiliations, AffiliationStatusNotification& status,
                       asking::PartnerAffiliation& partner)
      : affiliations_(affiliations), status_(status), partner_(partner) {}

  /// Step 1. `leaving`: the client has logged off before, and that is not done yet.
  void on_request(engine::Context& context, const wire::fb::Envelope& envelope, bool leaving);
  /// The client has logged on.
  void affiliate_implicitly(engine::Context& context, const engine::ClientAddress& client);
  /// Step 2b, or why there is no policy.
  void policy_settled(engine::Context& context, ExchangeId id, Cause cause);
  /// The client leaves groups, or all clients of its user do: what asked for them before, and waits
  /// for a policy still, was overtaken.
  void on_left(const engine::ClientAddress& client, DeaffiliationScope scope,
               const std::vector<std::string>& group_ids);
  /// It is logged off: what it waited for is dropped.
  void on_client_gone(const engine::ClientAddress& client);
  /// One request whose policies are settled; true when more can be done at once.
  bool go_on(engine::Context& context);

  struct Request {
    engine::ClientAddress client;
    ExchangeId exchange;  // none: the profile asks
    Incarnation incarnation;
    std::string mc_service_id;  // whose affiliation is asked for
    std::vector<std::string> group_ids;
    absl::btree_set<std::string> awaited;         // policies
    absl::btree_map<std::string, Cause> missing;  // policies that are not to be had
    absl::btree_set<std::string> left;            // groups that the client has left since

    bool is_implicit() const { return !exchange.is_set(); }
  };

 private:
  bool waits_too_much(const engine::ClientAddress& client) const;
  /// What the rules say of the user who asks, and of each group of the list.
  struct Rules {
    const wire::fb::UserProfile* profile = nullptr;  // null: there is none; dies with the step
    std::vector<AffiliationFacts> groups;
  };
  static Rules gather(const engine::Context& context, const Request& request);
  void ask_for_policies(engine::Context& context, Request& request, const Rules& rules);
  void settle(engine::Context& context, const Request& request, Rules rules);

  Affiliations& affiliations_;
  AffiliationStatusNotification& status_;
  asking::PartnerAffiliation& partner_;
  std::deque<Request> waiting_;
  absl::btree_map<ExchangeId, std::string> asked_;  // for the policy of which group
};

}  // namespace bivouac::mcs::own
