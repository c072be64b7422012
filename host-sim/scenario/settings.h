// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/base/affiliation.h"
#include "core/base/group_configuration.h"
#include "core/base/user_profile.h"
#include "core/engine/configuration.h"
#include "host-sim/scenario/declared_keys.h"
#include "host-sim/scenario/scenario.h"
#include "host-sim/world/disk.h"
#include "host-sim/world/network.h"

// What key=value means, by what it is said of. Each function answers what was expected, or nothing
// when it understood; it then has changed the value.

namespace bivouac::sim {

std::string apply(const Setting& setting, engine::Configuration& system);
/// Of a policy about a partner.
std::string apply(const Setting& setting, engine::Partner& partner);
std::string apply(const Setting& setting, engine::OverlayPolicy& overlay);
std::string apply(const Setting& setting, GroupConfiguration& group);
std::string apply(const Setting& setting, UserProfile& profile);
std::string apply(const Setting& setting, PathConditions& path);
std::string apply(const Setting& setting, DiskConditions& disk);

std::string apply(const Setting& setting, KeySettings& keys);
std::string apply(const Setting& setting, KeyChoice& choice);

/// What is expected of a group's key material; absent: nothing.
struct KeysExpected {
  std::optional<std::uint32_t> envelopes;
  std::optional<std::vector<std::string>> recipients;
  std::optional<bool> lost;
};
std::string apply(const Setting& setting, KeysExpected& expected);

/// What is expected of a user's affiliation to a group, as one system stored it.
struct AffiliationExpected {
  std::optional<AffiliationStatus> status;
  std::optional<std::uint32_t> clients;
  std::optional<bool> told;
  std::optional<Services> services;
};
std::string apply(const Setting& setting, AffiliationExpected& expected);

/// The first problem.
template <class Value>
std::string apply_all(std::span<const Setting> settings, Value& value) {
  for (const Setting& setting : settings) {
    if (std::string problem = apply(setting, value); !problem.empty()) return problem;
  }
  return {};
}

/// One item as a setting would give it.
std::string item_of(const GroupConfiguration& group, std::string_view key);

/// What a client is told of a group: its status, with the cause of what is not settled, or the
/// cause of a refusal.
std::string in_words(const GroupAffiliation& told);
/// "fire-1@alpha=affiliated" and the like, as in_words writes it.
std::string check_told(const Setting& setting);

/// What is expected of a stored group: an item of its configuration, or a fact about its record.
std::string check_expected(const Setting& setting);

}  // namespace bivouac::sim
