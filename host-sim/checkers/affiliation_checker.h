// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/base/affiliation.h"
#include "core/base/time.h"
#include "host-sim/checkers/checker.h"
#include "host-sim/checkers/records.h"

namespace bivouac::sim {

/// What was acknowledged stands: an affiliation until something ends it that may, a de-affiliation
/// until it is wished anew. And a user is never affiliated to more groups than N2, pending ones and
/// those of partners counted.
class AffiliationChecker final : public Checker {
 public:
  using Checker::Checker;
  std::string_view name() const override { return "affiliations"; }
  void on_started(const System& system) override;
  void on_durable(const System& system, std::span<const store::Mutation> batch) override;
  void on_connected(const System& dialler, const System& accepter) override;
  void on_disconnected(const System& a, const System& b) override;
  void on_arrived(const Flight& flight) override;
  void on_sent(const Flight& flight) override;
  void on_fault(FaultKind kind, const System& a, const System* b) override;
  void at_rest() override;

 private:
  using Device = std::pair<std::string, std::string>;  // a user and one client
  /// Moments are counted, not timed: many things happen within one millisecond.
  using Moment = std::uint64_t;
  struct Promise {
    bool stands = false;  // else: it is over
    Moment since = 0;     // when what was answered had been asked
  };
  /// What may change an affiliation, each with the last time that it happened.
  struct Occasions {
    Moment wished = 0;     // by its client, or by the profile
    Moment left = 0;       // by its client, or by another one for all
    Moment forbidden = 0;  // by profile, group or rules
    Moment refused = 0;    // by the home of the group
    Moment kept = 0;       // the home of the group did not let go
  };
  struct Session {
    bool up = false;
    MonoMs ended;
  };
  struct Node {                                          // what is known of one system
    std::map<AffiliationPlace, AffiliationStatus> held;  // durable
    std::map<AffiliationPlace, Moment> was_affiliated;   // the last time that it stopped to be
    std::map<AffiliationPlace, Promise> promises;
    std::map<AffiliationPlace, Occasions> occasions;
    std::map<Device, Moment> logged_off;
    std::map<Device, Session> sessions;
    std::map<std::string, Services> services;   // of groups
    std::map<std::string, Moment> crowded;      // users with less than they had of N2
    std::map<std::string, std::uint32_t> most;  // N2 of its own users
    std::map<std::pair<std::string, std::uint64_t>, Moment> asked;  // by whom, under which exchange
    std::map<std::pair<std::string, std::string>, std::pair<std::uint64_t, std::uint64_t>>
        newest;  // of a partner for a user: incarnation, exchange
    MonoMs started;
    bool damaged = false;  // the store, since it was at rest: what is back is not looked at yet
  };

  void take_stock(const System& system, Node& node);
  void on_affiliation(const System& system, Node& node, const store::Mutation& mutation);
  void on_user(const System& system, Node& node, const store::Mutation& mutation);
  void on_group(const System& system, Node& node, const store::Mutation& mutation);
  void judge_rules(const System& system, Node& node);
  void judge_transition(const System& system, Node& node, const AffiliationPlace& place,
                        bool was_wanted, bool is_wanted);
  void judge_count(const System& system, Node& node, const std::string& user);
  bool may_have_ended(const System& system, const Node& node, const AffiliationPlace& place,
                      Moment since) const;
  static bool may_have_begun(const Node& node, const AffiliationPlace& place, Moment since);

  void on_client_asks(const System& system, const System& client, const Flight& flight);
  void on_partner_asks(const System& system, const Flight& flight);
  void on_partner_answers(const System& system, const Flight& flight);
  void note_left(Node& node, const std::string& user, const std::string* client,
                 const std::string& group);
  void promise(const System& system, const AffiliationPlace& place, bool stands, Moment since);
  void judge_confirmed(const System& system, const AffiliationPlace& place, Moment since);
  void promise_all(const System& system, const std::string& user, const std::string* client,
                   std::span<const GroupAffiliation> groups, Moment since);

  std::map<std::string, Node> nodes_;
  Moment moment_ = 0;
};

}  // namespace bivouac::sim
