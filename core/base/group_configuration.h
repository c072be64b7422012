// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/service.h"

// The configuration of one MC service group, as a plain value. Items and absent-element meanings
// follow TS 24.481 and annex A.4 of TS 23.379 / TS 23.282; an absent flag always means no.
// Group media protection security material is not here: only key records hold it (decision 10).

namespace bivouac {

/// How a member takes part (participant-type of TS 24.481).
enum class ParticipantType : std::uint8_t {
  unspecified = 0,
  first_responder,
  dispatcher,
  emergency_service,
  supervisor
};

struct GroupMember {
  std::string mc_service_id;       // canonical; the member's MCPTT ID
  std::string mcvideo_id;          // empty: the same as mc_service_id
  std::string mcdata_id;           // empty: the same as mc_service_id
  std::uint8_t user_priority = 0;  // 0 lowest .. 255
  ParticipantType participant_type = ParticipantType::unspecified;
  bool required = false;      // on-network-required
  bool receive_only = false;  // on-network-recvonly
  bool multi_talker_allowed = false;
  bool affiliation_required = false;  // on-network-affiliation-to-group-required
  friend bool operator==(const GroupMember&, const GroupMember&) = default;
};

/// Corner or centre of an area; both coordinates 0..16777215 as TS 24.481 codes them.
struct AreaPoint {
  std::uint32_t latitude = 0;
  std::uint32_t longitude = 0;
  friend bool operator==(const AreaPoint&, const AreaPoint&) = default;
};

/// Either a polygon of 3 to 15 corners or an arc of an ellipsoid around one centre.
struct Area {
  std::vector<AreaPoint> corners;  // empty for an arc
  AreaPoint centre;
  std::uint32_t inner_radius = 0;        // 0..65535
  std::uint32_t uncertainty_radius = 0;  // 0..127
  std::uint32_t offset_angle = 0;        // 0..179
  std::uint32_t included_angle = 0;      // 0..179
  friend bool operator==(const Area&, const Area&) = default;
};

struct GroupConfiguration {
  // Identity and hierarchy
  std::string group_id;     // MC service group ID, canonical
  std::string home_system;  // MC system where the group is defined
  std::string display_name;
  std::string alias;  // a local name, set by an overlay only; never sent to another MC system
  Services services;
  std::uint16_t level_within_group_hierarchy = 0;
  std::uint16_t level_within_user_hierarchy = 0;

  // State
  bool disabled = false;  // on-network-disabled
  bool temporary = false;
  bool preconfigured_group_use_only = false;

  // Limits; 0 = not given
  std::uint32_t participants_max = 0;           // on-network-max-participant-count
  std::uint32_t participants_to_start_min = 0;  // on-network-minimum-number-to-start
  std::uint32_t affiliated_members_min = 0;     // on-network-minimum-number-of-affiliated-members
  std::uint32_t simultaneous_talkers_max = 0;

  // Priorities, 0 lowest .. 255
  std::uint8_t group_priority = 0;  // MCPTT
  std::uint8_t mcvideo_group_priority = 0;
  std::uint8_t mcdata_group_priority = 0;

  // Calls
  bool prearranged = false;  // on-network-invite-members; false: chat group
  std::uint32_t hang_timer_ms = 0;
  std::uint32_t maximum_duration_ms = 0;

  // Emergency
  bool allow_emergency_call = false;
  bool allow_imminent_peril_call = false;
  bool allow_emergency_alert = false;
  std::uint32_t emergency_cancellation_ms = 0;       // 0 = never by itself
  std::uint32_t imminent_peril_cancellation_ms = 0;  // 0 = never by itself

  // Protection
  bool protect_media = false;
  bool protect_floor_control_signalling = false;
  bool mcvideo_protect_media = false;
  bool mcvideo_protect_transmission_control = false;
  bool mcdata_protect_payload = false;
  bool mcdata_protect_signalling = false;

  // Geography; stored and shown, not evaluated
  std::optional<Area> permitted_area;
  std::optional<Area> mandatory_area;

  // De-affiliation rules: functional aliases that forbid leaving, always or as the last one
  std::vector<std::string> forbidden_deaffiliation_functional_aliases;
  std::vector<std::string> forbidden_deaffiliation_if_last_functional_aliases;

  // Read rights of members
  bool allow_getting_member_list = false;
  bool allow_getting_affiliation_list = false;
  bool allow_conference_state = false;

  std::vector<GroupMember> members;  // sorted by mc_service_id, no duplicates

  friend bool operator==(const GroupConfiguration&, const GroupConfiguration&) = default;
};

}  // namespace bivouac
