// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/affiliation.h"
#include "core/base/group_configuration.h"
#include "host-sim/scenario/ledger.h"
#include "host-sim/world/system.h"

namespace bivouac::sim {

/// A group as one system has it, read from its records without a trace in the world.
struct GroupThere {
  GroupConfiguration original;
  GroupConfiguration effective;
  std::string home;  // full
  std::uint64_t version = 0;
  std::uint64_t revision = 0;  // exposed by the home to this system
  bool stale = false;
  bool orphaned = false;
  Services servers;  // whose MC service server holds it
};

/// Not set when the identity has none there.
IdentityNumber number_of(const store::View& view, std::string_view text);

/// None when it is not stored there.
std::optional<GroupThere> find_stored(const System& system, std::string_view group_id,
                                      const Ledger& ledger);

/// Whether the partner holds a subscription to the group at its home.
bool is_subscriber(const System& home, std::string_view group_id, std::string_view partner);

/// Key material of a group as one system that is up has it.
struct KeysThere {
  std::uint32_t envelopes = 0;
  std::vector<std::string> recipients;  // each once, in their order
  bool lost = false;
};
KeysThere find_stored_keys(const System& system, std::string_view group_id);

/// A user's affiliation to a group: of all clients together what holds most.
struct AffiliationThere {
  AffiliationStatus status = AffiliationStatus::not_affiliated;
  std::uint32_t clients = 0;
  bool told = false;  // to the group management server there
  Services services;
};
AffiliationThere find_stored_affiliation(const System& system, std::string_view user,
                                         std::string_view group_id);

/// Keys of facts that are no items of the configuration: version, stale and so on.
std::span<const std::string_view> record_facts();
bool is_record_fact(std::string_view key);
/// Empty for other keys.
std::string record_fact(const GroupThere& group, std::string_view key);

}  // namespace bivouac::sim
