// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/base/affiliation.h"
#include "core/engine/context.h"
#include "core/store/records_generated.h"

namespace bivouac::mcs {

/// One affiliation of a user, as it is stored.
struct Affiliation {
  IdentityNumber group;
  IdentityNumber client;  // none: all clients of the user
  AffiliationStatus status = AffiliationStatus::affiliated;
  AffiliationSources sources;
  Services services;  // that it covers
  IdentityNumber changed_by;
  std::uint64_t changed_wall_ms = 0;
  Cause cause = Cause::none;  // why it is not settled yet
  friend bool operator==(const Affiliation&, const Affiliation&) = default;

  /// It counts against N2, and stands until its home says otherwise (F1).
  bool is_wanted() const { return status != AffiliationStatus::deaffiliating; }
  /// Our own rules ended it, not its user: nobody holds it back.
  bool is_ended_by_us() const { return !is_wanted() && cause != Cause::none; }
  /// The group's home is to be asked.
  bool is_pending() const { return status != AffiliationStatus::affiliated; }
};

/// A record as it lies in the table.
Affiliation read_affiliation(const store::Key& key, const store::fb::Affiliation& record);

/// One of a user's clients.
struct ClientPlace {
  IdentityNumber user, client;
  friend auto operator<=>(const ClientPlace&, const ClientPlace&) = default;
};

/// The stored affiliations of all users, by user in the table, and by group in memory: a policy
/// that changes concerns everybody who is affiliated to its group.
class Affiliations {
 public:
  /// After Boot.
  void start(const store::View& view);
  std::size_t count() const { return by_group_.size(); }
  std::size_t count(AffiliationStatus status) const {
    return counts_[static_cast<std::size_t>(status)];
  }

  /// A group of somebody's request is refused: noted and counted, also apart from the refusals of
  /// other requests.
  void refused(engine::Context& context, std::string_view who, std::string_view group_id,
               Cause cause) {
    context.refused(who, group_id, cause);
    ++refusals_[cause];
  }
  const absl::btree_map<Cause, std::uint64_t>& refusals() const { return refusals_; }

  /// In the order of groups, then of clients; as they were before this step.
  std::vector<Affiliation> of_user(const engine::Context& context, IdentityNumber user) const;
  void put(engine::Context& context, IdentityNumber user, const Affiliation& affiliation);
  void erase(engine::Context& context, IdentityNumber user, const Affiliation& affiliation);

  /// What the homes of groups are to be asked: the records themselves are the queue. By client,
  /// then by group.
  struct Pending {
    ClientPlace client;
    IdentityNumber group;
    friend auto operator<=>(const Pending&, const Pending&) = default;
  };
  const absl::btree_set<Pending>& pending() const { return pending_; }
  /// Clients of whom something became pending, or changed while it was, since they were taken.
  absl::btree_set<ClientPlace> take_changed() { return std::exchange(changed_, {}); }

  /// Who is affiliated to the group by one client or another, in any state.
  std::vector<IdentityNumber> users_of(IdentityNumber group) const;
  /// Users of whom something is stored, ascending, behind `after`; `count_max` at most.
  static std::vector<IdentityNumber> users_after(const engine::Context& context,
                                                 IdentityNumber after, std::size_t count_max);

 private:
  struct Place {
    IdentityNumber group, user, client;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  void remember(const Place& place, AffiliationStatus status);
  void forget(const Place& place);

  absl::btree_map<Place, AffiliationStatus> by_group_;
  std::array<std::size_t, 6> counts_{};             // by status
  absl::btree_map<Cause, std::uint64_t> refusals_;  // since the start
  absl::btree_set<Pending> pending_;
  absl::btree_set<ClientPlace> changed_;
};

}  // namespace bivouac::mcs
