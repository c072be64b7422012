// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/group_configuration.h"
#include "core/base/limits.h"
#include "core/base/service.h"

// What an operator configured, as validated plain values; every text is canonical. The parser is in
// firmware/config. A reload replaces the whole value.

namespace bivouac::engine {

/// Patterns (core/base/identity.h) of the groups, and of the MC systems, for which a partner has a
/// right. Empty: no right (D5).
struct Rights {
  std::vector<std::string> provide;    // the partner may provide these groups to us (10.2.7.2)
  std::vector<std::string> request;    // the partner may request these groups from us (10.2.7.3)
  std::vector<std::string> receive;    // we may provide these groups to the partner (10.2.7.2)
  std::vector<std::string> subscribe;  // the partner may subscribe to these groups (10.2.7.4)
  std::vector<std::string> forward =
      {};  // MC systems: what it sends to them goes through us (10.2.7.1)
  std::vector<std::string> affiliate =
      {};  // its users may affiliate to these groups of ours (10.X.3.2.2)
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
  std::vector<std::string> addresses;   // "host:port", dialled in turn; empty: the partner dials us
  std::vector<std::string> users;       // patterns of the users whose home it is
  std::vector<std::string> groups;      // patterns of the groups whose home it is
  std::string via;                      // the partner that is our proxy to it; empty: a neighbour
  std::vector<std::string> speaks_for;  // patterns of the MC systems that lie behind this proxy
  Rights rights;
  ExposurePolicy exposure;
  bool affiliate_by_profile = true;  // our users affiliate to its groups only if their profiles
                                     // name them; else its policies alone decide (10.X.3.2.1)
  std::vector<std::string>
      pending_take_part;  // patterns of its groups: members of ours whose affiliation it has not
                          // confirmed yet take part in them here all the same
  std::vector<OverlayPolicy> overlays;
  std::vector<std::string>
      subscribe_to;  // patterns of its groups that we subscribe to by ourselves
  std::uint32_t lease_s = limits::lease_default_s;  // of our subscriptions
  std::uint32_t notify_interval_ms = 0;  // the shortest time between two notifications of a group
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

  /// The partner that we have a link of our own with; null for those behind proxies, and strangers.
  const Partner* neighbour(std::string_view id) const;
  /// The neighbour to which messages for this MC system go: itself, the proxy that is named for it,
  /// or the first proxy that speaks for it. Null when there is none.
  const Partner* next_hop(std::string_view system) const;
  /// Whether what comes from this neighbour may bear the name of that MC system (D3).
  static bool may_speak_for(const Partner& neighbour, std::string_view system);
};

}  // namespace bivouac::engine
