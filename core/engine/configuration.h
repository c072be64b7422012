// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/group_configuration.h"
#include "core/base/service.h"

// What an operator configured, as validated plain values; every text is canonical. The parser is in
// firmware/config. A reload replaces the whole value.

namespace bivouac::engine {

/// Patterns (core/base/identity.h) of the groups for which a partner has a right. Empty: no right
/// (D5).
struct Rights {
  std::vector<std::string> provide;  // the partner may provide these groups to us (10.2.7.2)
  std::vector<std::string> request;  // the partner may request these groups from us (10.2.7.3)
  std::vector<std::string> receive;  // we may provide these groups to the partner (10.2.7.2)
};

/// What a partner may see of our groups (10.2.7.1; NOTE 3 of 10.2.7.2 and 10.2.7.3).
struct ExposurePolicy {
  bool hide_members_of_others = false;  // only members whose home is that partner are shown
  Services drop_services;
};

/// What we change of a partner's groups before we store them (10.2.7.2 step 2, 10.2.7.3 step 4).
/// The first overlay whose pattern matches the group counts.
struct OverlayPolicy {
  std::string groups;  // pattern
  std::optional<std::uint8_t> group_priority;
  std::optional<std::string> alias;
  Services drop_services;
  std::optional<Area> permitted_area;
};

/// One interconnected MC system.
struct Partner {
  std::string system_id;
  std::vector<std::string> addresses;  // "host:port", dialled in turn; empty: the partner dials us
  std::vector<std::string> users;      // patterns of the users whose home it is
  std::vector<std::string> groups;     // patterns of the groups whose home it is
  Rights rights;
  ExposurePolicy exposure;
  std::vector<OverlayPolicy> overlays;
};

struct Configuration {
  std::string system_id;
  Services services = Services::all();  // MC services with an MC service server here
  std::vector<Partner> partners;        // sorted by system_id

  /// Null when there is none.
  const Partner* partner(std::string_view system_id) const;
  /// The partner where this group / this user has its home, by pattern; null when none. Where
  /// patterns overlap, the first partner in the order of ids counts.
  const Partner* home_of_group(std::string_view group_id) const;
  const Partner* home_of_user(std::string_view mc_service_id) const;
};

}  // namespace bivouac::engine
