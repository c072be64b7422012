// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/mcs/asking/waiting_clients.h"
#include "core/mcs/own/affiliation_facts.h"
#include "core/mcs/own/affiliation_status.h"
#include "core/mcs/user_affiliations.h"

namespace bivouac::mcs::own {

/// Affiliations end without their user's asking: when group, profile or our rules change so that
/// they would not be granted any more (F27), when their client logs off, or is gone for longer than
/// the grace time (F28). The user's clients and the group management server are told.
/// @clause S4 10.X.4.2
///
/// What is to be looked at is in memory, and all of it again after a start. A policy that is not
/// cached any more decides nothing: the group management server is asked whether the group is gone.
class AffiliationReview {
 public:
  AffiliationReview(Affiliations& affiliations, AffiliationStatusNotification& status,
                    asking::WaitingClients& waiting)
      : affiliations_(affiliations), status_(status), waiting_(waiting) {}

  /// After Boot: everything is looked at, and each client has the grace time in full (decision 9).
  void start(engine::Context& context);
  /// Partners, services or patterns were read anew.
  void rules_changed(const engine::Context& context);
  void policy_changed(IdentityNumber group);
  void user_changed(IdentityNumber user);
  /// What could not be answered may be answered now.
  void link_came_up();
  /// The answer to a question about a group; ids of others are ignored.
  void policy_settled(ExchangeId id, Cause cause);

  /// The client has logged on: it is not gone.
  void client_came(engine::Context& context, const engine::ClientAddress& client);
  /// It has logged off, or was logged off: what it wanted ends. It wants nothing new before that
  /// is done.
  void client_left(const engine::Context& context, const engine::ClientAddress& client);
  /// The same, and in this step: what it is answered is durable with it.
  void client_logs_off(engine::Context& context, const engine::ClientAddress& client);
  bool is_leaving(const engine::Context& context, const engine::ClientAddress& client) const;
  /// Its session ended: what it wanted ends with the grace time.
  void client_gone(engine::Context& context, const engine::ClientAddress& client);
  void on_grace_end(const engine::Context& context, std::uint64_t number);

  /// One slice; true when more can be done at once.
  bool go_on(engine::Context& context);

  /// Homes of users whose affiliations to our groups changed by our judgement, since they were
  /// taken.
  absl::btree_set<std::string> take_changed_homes() { return std::exchange(changed_homes_, {}); }

 private:
  using ClientNumber = std::pair<IdentityNumber, IdentityNumber>;  // user, client
  using Ended = std::vector<GroupAffiliation>;

  bool mark_some(const engine::Context& context);
  void leave(engine::Context& context, const ClientNumber& client, AffiliationGround ground);
  static bool says_it_is_gone(Cause cause) {
    return cause == Cause::group_unknown || cause == Cause::service_unknown;
  }
  void judge_user(engine::Context& context, IdentityNumber number);
  Cause judge_group(engine::Context& context, const JudgedUser& user, IdentityNumber group,
                    Services& services);
  void ask(engine::Context& context, Services of_user, IdentityNumber group,
           std::string_view group_id);
  static void end(const engine::Context& context, UserAffiliations& user, IdentityNumber group,
                  Cause cause, Ended& ended);
  void finish(engine::Context& context, const UserAffiliations& user, const Ended& ended);

  absl::btree_set<std::string> changed_homes_;
  Affiliations& affiliations_;
  AffiliationStatusNotification& status_;
  asking::WaitingClients& waiting_;
  // Pending members take part in some partner's groups, or did before the last change of rules.
  bool takes_part_pending_ = false, tells_pending_ = false;
  bool all_left_ = true;  // every user behind this one
  IdentityNumber all_after_;
  absl::btree_map<IdentityNumber, absl::btree_set<IdentityNumber>> groups_;  // of users, to judge
  absl::btree_set<IdentityNumber> users_;                                    // the same: all groups
  absl::btree_map<ClientNumber, AffiliationGround> leaving_;                 // and why
  absl::btree_map<ExchangeId, IdentityNumber> asked_;  // whether the group is still there
  absl::btree_map<IdentityNumber, Cause> gone_;        // why groups are not, or no answer came
};

}  // namespace bivouac::mcs::own
