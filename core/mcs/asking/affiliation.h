// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/mcs/own/affiliation_status.h"
#include "core/mcs/user_affiliations.h"

namespace bivouac::mcs::asking {

/// A client's request that partners have a say in: it is answered when all of them have answered,
/// or after a deadline with what is known by then (F5, F21).
struct Waiting {
  engine::ClientAddress client;
  ExchangeId exchange;
  Incarnation incarnation;
  std::string mc_service_id;
  std::vector<GroupAffiliation> groups;  // in the order of the request, as far as they are known
  absl::btree_map<std::string, std::size_t> awaited;  // answers, for each group
  bool leaves = false;                                // de-affiliation
  DeaffiliationScope scope = DeaffiliationScope::this_client;
};

/// Our users' affiliations to groups that have their home at a partner.
/// @clause S4 10.X.3.2.2
/// @clause S4 10.X.4.3
///
/// What is to be asked are the records that are pending, so nothing of it is lost with this run.
/// For each user and partner one request is on the way at a time, and what is wanted meanwhile
/// follows as one; a request is built when it is sent, and never sent twice under one exchange.
///
/// A home that ends an affiliation by its policy does not say so, and of a policy that changed and
/// changed back we may be told only once: what stands is asked for again when the policy that we
/// know of changes, and after a start (F27).
class PartnerAffiliation {
 public:
  PartnerAffiliation(Affiliations& affiliations, own::AffiliationStatusNotification& status)
      : affiliations_(affiliations), status_(status) {}

  /// Answers at once when nothing is awaited. Whoever waits for the opposite for the same client
  /// was overtaken, and is told so.
  void answer_when_settled(engine::Context& context, Waiting waiting);
  static bool is_reachable(const engine::Context& context, std::string_view group_id);

  /// After Boot.
  void start(const engine::Context& context);
  void policy_changed(const engine::Context& context, IdentityNumber group);

  /// 10.X.3.2.2 step 7a, 10.X.4.3 step 6a.
  void on_response(engine::Context& context, const wire::fb::Envelope& envelope);
  /// No answer, or one that says nothing of the groups.
  void on_failure(engine::Context& context, ExchangeId id, Cause cause);
  /// What was on the way to it is asked again over the next link; no client waits for that.
  void on_link_down(engine::Context& context, std::string_view system);
  /// All that is pending is looked at.
  void on_link_up();
  void on_again() { on_link_up(); }
  void on_answer_deadline(engine::Context& context, std::uint64_t number);
  void on_client_gone(engine::Context& context, const engine::ClientAddress& client);

  /// One slice; true when more can be done at once.
  bool go_on(engine::Context& context);

 private:
  struct Flight {
    std::string system;
    ClientPlace place;
    std::vector<IdentityNumber> doubted;
  };
  struct Asked {
    std::vector<std::string> affiliating, deaffiliating;
    std::vector<IdentityNumber> doubted;  // of those affiliating
  };
  bool is_on_the_way(std::string_view system, IdentityNumber user) const;
  void look(engine::Context& context, const ClientPlace& place);
  void send(engine::Context& context, const ClientPlace& place, const std::string& system,
            const Asked& asked);
  void take(engine::Context& context, const Flight& flight, bool left,
            const std::vector<GroupAffiliation>& groups);
  void overtake(engine::Context& context, const Waiting& newer);
  void settle(engine::Context& context, const engine::ClientAddress& client, bool left,
              const GroupAffiliation& group, bool& awaited);
  void answer(engine::Context& context, std::uint64_t number);
  void free_place(engine::Context& context, ExchangeId id);

  Affiliations& affiliations_;
  own::AffiliationStatusNotification& status_;
  absl::btree_set<ClientPlace> to_look_;
  absl::btree_set<Affiliations::Pending> doubted_;  // whether they stand is to be asked again
  absl::btree_map<ExchangeId, Flight> flights_;
  absl::btree_map<std::uint64_t, Waiting> waiting_;
  std::uint64_t next_waiting_ = 1;
};

}  // namespace bivouac::mcs::asking
