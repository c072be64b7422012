// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/cause.h"
#include "core/base/service.h"

namespace bivouac {

/// What became of a group in an affiliation or de-affiliation (F6). The numbers travel, and the
/// lasting ones are stored.
enum class AffiliationStatus : std::uint8_t {
  rejected = 0,
  affiliated = 1,
  affiliating = 2,  // the group's home was not reached yet
  deaffiliated = 3,
  deaffiliating = 4,  // the same; here it is over already
  not_affiliated = 5  // there was nothing to end
};

/// The enumerator's own spelling.
std::string_view name(AffiliationStatus status);

/// Of which clients of the user a de-affiliation is the wish.
enum class DeaffiliationScope : std::uint8_t { this_client = 0, all_clients = 1 };

/// Whose decision it is.
enum class EndedBy : std::uint8_t { user, mc_system };

/// One group of a list, with its status.
struct GroupAffiliation {
  std::string group_id;
  AffiliationStatus status = AffiliationStatus::rejected;
  Cause cause = Cause::none;  // why it was rejected, or is not settled yet, or ended
  Services services;          // of the group, those that the user is affiliated for
  std::string client_id;      // where clients are told apart
  friend bool operator==(const GroupAffiliation&, const GroupAffiliation&) = default;
};

/// All of a user's affiliations at one system as one number, to be compared (F7).
struct AffiliatedUser {
  std::string mc_service_id;
  std::uint64_t digest = 0;  // 0: none
  friend bool operator==(const AffiliatedUser&, const AffiliatedUser&) = default;
};

/// The same in full.
struct HostedUser {
  std::string mc_service_id;
  std::vector<GroupAffiliation> groups;  // ascending by group, then by client
  friend bool operator==(const HostedUser&, const HostedUser&) = default;
};

/// Who wanted an affiliation, as bits; it lasts until nobody does (F26).
struct AffiliationSources {
  std::uint8_t bits = 0;
  constexpr bool has(AffiliationSources other) const { return (bits & other.bits) != 0; }
  constexpr bool empty() const { return bits == 0; }
  constexpr AffiliationSources without(AffiliationSources other) const {
    return {static_cast<std::uint8_t>(bits & ~other.bits)};
  }
  friend constexpr AffiliationSources operator|(AffiliationSources a, AffiliationSources b) {
    return {static_cast<std::uint8_t>(a.bits | b.bits)};
  }
  friend constexpr bool operator==(AffiliationSources, AffiliationSources) = default;
};

/// Why an affiliation changed, for the log.
enum class AffiliationGround : std::uint8_t {
  request,   // a client of the user asked
  log_on,    // the profile asks, as a client has logged on (F26)
  partner,   // the user's home asked
  answer,    // the group's home answered
  policy,    // the group changed (F27), or what its home may do here
  profile,   // the user's profile changed, or is gone
  services,  // the services that both have changed
  exchange,  // the user's home and the group's have compared what they know (F7)
  log_off,   // its client has logged off
  grace_end  // its client is gone for too long (F28)
};

/// The enumerator's own spelling.
std::string_view name(AffiliationGround ground);

inline constexpr AffiliationSources by_user{1};        // the user asked for it
inline constexpr AffiliationSources by_profile{2};     // the profile does, at log-on
inline constexpr AffiliationSources by_regroup{4};     // a regroup of the group does
inline constexpr AffiliationSources by_other_user{8};  // an authorised user does

}  // namespace bivouac
