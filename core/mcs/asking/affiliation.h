// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/mcs/asking/waiting_clients.h"
#include "core/mcs/own/affiliation_status.h"
#include "core/mcs/user_affiliations.h"

namespace bivouac::mcs::asking {

/// Our users' affiliations to groups that have their home at a partner.
/// @clause S4 10.X.3.2.2
/// @clause S4 10.X.4.3
///
/// What is to be asked are the records that are pending, so nothing of it is lost with this run.
/// For each user and partner one request is on the way at a time, and what is wanted meanwhile
/// follows as one; a request is built when it is sent, and never sent twice under one exchange.
class PartnerAffiliation {
 public:
  PartnerAffiliation(Affiliations& affiliations, own::AffiliationStatusNotification& status)
      : affiliations_(affiliations), status_(status) {}

  /// Those who asked.
  WaitingClients& clients() { return clients_; }
  static bool is_reachable(const engine::Context& context, std::string_view group_id);

  /// 10.X.3.2.2 step 7a, 10.X.4.3 step 6a.
  void on_response(engine::Context& context, const wire::fb::Envelope& envelope);
  /// No answer, or one that says nothing of the groups.
  void on_failure(engine::Context& context, ExchangeId id, Cause cause);
  /// What was on the way to it is asked again over the next link; no client waits for that.
  void on_link_down(engine::Context& context, std::string_view system);
  /// Also after Boot: all that is pending is looked at.
  void on_link_up();
  void on_again() { on_link_up(); }

  /// Users who have to stay where they wanted to leave, since they were taken: N2 counts it again.
  absl::btree_set<IdentityNumber> take_returned() { return std::exchange(returned_, {}); }

  /// One slice; true when more can be done at once.
  bool go_on(engine::Context& context);

 private:
  struct Flight {
    std::string system;
    ClientPlace place;
  };
  struct Asked {
    std::vector<std::string> ended, left, affiliating;
  };
  bool is_on_the_way(std::string_view system, IdentityNumber user) const;
  void look(engine::Context& context, const ClientPlace& place);
  void send(engine::Context& context, const ClientPlace& place, const std::string& system,
            const Asked& asked);
  void take(engine::Context& context, const Flight& flight, bool left,
            const std::vector<GroupAffiliation>& groups);
  void free_place(engine::Context& context, ExchangeId id);

  Affiliations& affiliations_;
  own::AffiliationStatusNotification& status_;
  absl::btree_set<ClientPlace> to_look_;
  absl::btree_set<IdentityNumber> returned_;
  absl::btree_map<ExchangeId, Flight> flights_;
  WaitingClients clients_;
};

}  // namespace bivouac::mcs::asking
