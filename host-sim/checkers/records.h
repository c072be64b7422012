// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/affiliation.h"
#include "core/base/group_configuration.h"
#include "core/base/key_envelope.h"
#include "core/base/user_profile.h"
#include "core/engine/configuration.h"
#include "core/store/mutation.h"
#include "core/store/table.h"
#include "core/wire/schema/envelope_generated.h"
#include "host-sim/world/observer.h"

// Stored records and frames as plain values, for checkers.

namespace bivouac::sim {

struct StoredGroup {
  std::uint32_t number = 0;
  std::string group_id;
  std::string home;
  std::uint64_t version = 0;
  std::uint64_t revision = 0;
  std::uint64_t home_incarnation = 0;
  std::uint64_t stored_wall_ms = 0;
  bool orphaned = false;
  GroupConfiguration original;
};

/// Empty when the number is unknown.
std::string identity_text(const store::View& view, std::uint32_t number);
/// None when the value is not a group's.
std::optional<StoredGroup> read_group(const store::View& view, const store::Key& key,
                                      ByteView value);
std::vector<StoredGroup> read_groups(const store::View& view);
std::optional<StoredGroup> find_group(const store::View& view, std::string_view group_id);
/// The key material of a group, in the store of a system that is up; none when it has never had
/// any, or has lost it.
std::optional<std::vector<KeyEnvelope>> find_keys(const store::View& view,
                                                  std::string_view group_id);
std::uint64_t incarnation_of(const store::View& view);
/// Whether a group is shared because it was asked for, as the home has stored it.
enum class Asked : std::uint8_t {
  no,
  and_answered,  // a pull; only who pulled knows whether the answer came, and was kept
  and_told,      // the partner has acknowledged it, or is told until it does
};
Asked asked_for(const store::View& home, std::uint32_t group, std::string_view partner);

/// Whether the home holds a subscription of the partner to this group of its own.
bool holds_subscription(const store::View& home, std::uint32_t group, std::string_view partner);
/// Whether the partner has asked to be told of the group, and nobody has ended that.
bool has_subscribed(const store::View& partner, std::string_view group_id, std::string_view home);

/// Of which of a user's clients an affiliation to which group is. No client: all of them.
struct AffiliationPlace {
  std::string user;
  std::string client;
  std::string group;
  friend auto operator<=>(const AffiliationPlace&, const AffiliationPlace&) = default;
};
std::string in_words(const AffiliationPlace& place);
/// By its user; a group's home may not know of it yet.
inline bool is_wanted(AffiliationStatus status) {
  return status == AffiliationStatus::affiliated || status == AffiliationStatus::affiliating;
}

struct StoredAffiliation {
  AffiliationPlace place;
  AffiliationStatus status = AffiliationStatus::affiliated;
  Services services;
};
AffiliationPlace affiliation_place(const store::View& view, const store::Key& key);
std::vector<StoredAffiliation> read_affiliations(const store::View& view);
std::optional<UserProfile> find_profile(const store::View& view, std::string_view user);
/// The system of a group or user of a simulated world: it is in the name.
std::string home_of(std::string_view identity);
/// Whether somebody may be affiliated to the group by its configuration, services left aside.
bool admits(const GroupConfiguration& group, std::string_view user);
/// Whether users of the partner may be affiliated to the group by the rules of its home.
bool may_affiliate(const engine::Configuration& home, std::string_view partner,
                   std::string_view group);
/// Whether the user's own system lets its user affiliate to the group.
bool is_open_to(const engine::Configuration& home, const UserProfile& profile,
                std::string_view group);

/// What a push or a notification says.
struct Told {
  std::string group_id;
  std::uint64_t revision = 0;
  const wire::fb::GroupConfiguration* configuration = nullptr;  // null: withdrawn
  bool notified = false;                                        // a notification
};
/// None when the message is neither.
std::optional<Told> told_in(const wire::fb::Envelope& envelope);
/// The answer to one of them, and success.
bool accepts(const wire::fb::Envelope& envelope);
/// What is served of a cached group: the original under the first overlay that is for it.
GroupConfiguration served(const GroupConfiguration& original, const engine::Partner& own_rules);

/// A message between systems; the frame must outlive it.
const wire::fb::Envelope& envelope_in(const Flight& flight);
/// Whether its sender made it, or passes it on as a proxy.
bool is_forwarded(const Flight& flight);

}  // namespace bivouac::sim
