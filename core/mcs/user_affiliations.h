// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/container/btree_map.h>

#include "core/mcs/affiliations.h"

namespace bivouac::mcs {

/// The clause steps at which the group management server is told.
struct UpdateSteps {
  std::string_view affiliated;    // 10.X.3.1/5b
  std::string_view deaffiliated;  // 10.X.4.2/4b
};
inline constexpr UpdateSteps own_steps{"10.X.3.1/5b", "10.X.4.2/4b"};
inline constexpr UpdateSteps hosted_steps{"10.X.3.2.2/7b", "10.X.4.3/6b"};

/// Why the step changes affiliations, and who makes it do so; for the log.
struct ChangeMade {
  AffiliationGround ground = AffiliationGround::request;
  std::string_view by{};  // the user or the MC system; empty: a rule does
};

/// The affiliations of one user while a step changes them: what is put is stored, and seen by the
/// next question. At the end `tell` says to the group management server what the step made of the
/// user as a whole (10.X.2.3, 10.X.2.6): clients that come and go beside others change nothing.
class UserAffiliations {
 public:
  UserAffiliations(engine::Context& context, Affiliations& all, std::string_view mc_service_id,
                   ChangeMade made);

  std::string_view mc_service_id() const { return mc_service_id_; }
  IdentityNumber number() const { return user_; }
  const std::vector<Affiliation>& all() const { return held_; }
  /// Null when there is none.
  const Affiliation* find(IdentityNumber group, IdentityNumber client) const;
  /// Some client, or all of them, affiliated or about to be.
  bool is_wanted(IdentityNumber group) const;
  /// Some group's home has yet to confirm it.
  bool is_any_affiliating() const;
  std::size_t clients_of(IdentityNumber group) const;
  /// Groups that count against N2: pending ones and those of partners do (F1).
  std::size_t groups_counted() const;

  /// From here on.
  void on_ground(AffiliationGround ground) { ground_ = ground; }

  /// Stores what differs; who did it, and when, is added.
  void put(Affiliation affiliation, IdentityNumber changed_by);
  /// The cause is for the log; none: as it was wished.
  void erase(IdentityNumber group, IdentityNumber client, Cause cause = Cause::none);

  /// As `erase`; but what a partner answers for stays until its home has been told (F12).
  void end(IdentityNumber group, IdentityNumber client, Cause cause = Cause::none);

  /// True when the step changed something.
  bool changed() const { return changed_; }
  void tell(const UpdateSteps& steps) const;

 private:
  using Covered = absl::btree_map<IdentityNumber, Services>;
  /// For which services the user is affiliated, to groups that have their home here.
  Covered covered() const;
  /// Most steps look, and change nothing.
  void begin_change();
  bool is_home_here(IdentityNumber group) const;
  void note(NoteKind kind, const Affiliation& one, Cause cause) const;
  void send(std::string_view step, AffiliationStatus status,
            const std::vector<GroupAffiliation>& groups) const;

  engine::Context& context_;
  Affiliations& affiliations_;
  std::string mc_service_id_;
  IdentityNumber user_;
  AffiliationGround ground_;
  std::string by_;
  std::vector<Affiliation> held_;                  // in the order of groups, then of clients
  Covered before_;                                 // as it was before the first change
  absl::btree_map<IdentityNumber, Cause> causes_;  // of what was erased
  bool changed_ = false;
};

}  // namespace bivouac::mcs
