// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/group_configuration.h"
#include "core/base/limits.h"

// Group configurations for tests. Header only, because the tests of the lower layers do without
// the library tests_support. Every configuration made here is valid on the wire.

namespace bivouac::test {

/// "sip:user0001@alpha.example" and so on: ascending, as a configuration wants its members.
inline std::string sample_user(std::size_t number, std::string_view domain = "alpha.example") {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%04zu", number);
  return "sip:user" + std::string(digits) + "@" + std::string(domain);
}

inline std::vector<GroupMember> sample_members(std::size_t count,
                                               std::string_view domain = "alpha.example",
                                               std::size_t first = 1) {
  std::vector<GroupMember> members(count);
  for (std::size_t i = 0; i < count; ++i) {
    members[i].mc_service_id = sample_user(first + i, domain);
    members[i].user_priority = static_cast<std::uint8_t>(i % 256);
    members[i].participant_type = ParticipantType::first_responder;
  }
  return members;
}

/// Brings members of several domains into the order that a configuration wants.
inline void sort_members(GroupConfiguration& configuration) {
  std::ranges::sort(configuration.members, {}, &GroupMember::mc_service_id);
}

/// A small, everyday configuration with `members` members of its own home.
inline GroupConfiguration sample_configuration(
    std::size_t members, std::string_view group_id = "sip:fire-1@alpha.example",
    std::string_view home_system = "sip:alpha.example") {
  GroupConfiguration configuration;
  configuration.group_id = group_id;
  configuration.home_system = home_system;
  configuration.display_name = "Fire 1";
  configuration.services = Services::all();
  configuration.group_priority = 5;
  configuration.participants_max = 100;
  configuration.members = sample_members(members);
  return configuration;
}

/// Every field set to something other than its default, but for the alias, which is local.
inline GroupConfiguration full_configuration() {
  GroupConfiguration c = sample_configuration(3, "sip:rescue%20team@alpha.example");
  c.display_name = "Rettung M\xC3\xBCnchen";
  c.services = Services::of(Service::mcptt) | Services::of(Service::mcdata);
  c.level_within_group_hierarchy = 2;
  c.level_within_user_hierarchy = 3;
  c.disabled = c.temporary = c.preconfigured_group_use_only = true;
  c.participants_max = 200;
  c.participants_to_start_min = 2;
  c.affiliated_members_min = 3;
  c.simultaneous_talkers_max = 4;
  c.group_priority = 200;
  c.mcvideo_group_priority = 201;
  c.mcdata_group_priority = 255;
  c.prearranged = true;
  c.hang_timer_ms = 8000;
  c.maximum_duration_ms = 3'600'000;
  c.allow_emergency_call = c.allow_imminent_peril_call = c.allow_emergency_alert = true;
  c.emergency_cancellation_ms = 60'000;
  c.imminent_peril_cancellation_ms = 70'000;
  c.protect_media = c.protect_floor_control_signalling = true;
  c.mcvideo_protect_media = c.mcvideo_protect_transmission_control = true;
  c.mcdata_protect_payload = c.mcdata_protect_signalling = true;
  c.permitted_area.emplace();
  c.permitted_area->corners = {{1, 2}, {3, 4}, {limits::area_coordinate_max, 6}};
  c.mandatory_area.emplace();
  c.mandatory_area->centre = {7, 8};
  c.mandatory_area->inner_radius = 65'535;
  c.mandatory_area->uncertainty_radius = 127;
  c.mandatory_area->offset_angle = 179;
  c.mandatory_area->included_angle = 90;
  c.forbidden_deaffiliation_functional_aliases = {"sip:commander@alpha.example"};
  c.forbidden_deaffiliation_if_last_functional_aliases = {"sip:medic@alpha.example",
                                                          "sip:pilot@alpha.example"};
  c.allow_getting_member_list = c.allow_getting_affiliation_list = true;
  c.allow_conference_state = true;
  c.members[0].mcvideo_id = "sip:video1@alpha.example";
  c.members[0].mcdata_id = "tel:+4989123456";
  c.members[1].participant_type = ParticipantType::supervisor;
  c.members[1].required = c.members[1].receive_only = true;
  c.members[2].multi_talker_allowed = c.members[2].affiliation_required = true;
  return c;
}

/// The largest configuration that the limits allow by count: `members` with long identities.
inline GroupConfiguration large_configuration(
    std::size_t members = limits::group_members_max,
    std::string_view group_id = "sip:all-hands@alpha.example") {
  GroupConfiguration c = sample_configuration(0, group_id);
  c.members = sample_members(members, "district-seven.fire-and-rescue.alpha.example");
  return c;
}

/// A random valid configuration; the same generator state gives the same one everywhere.
class RandomConfigurations {
 public:
  explicit RandomConfigurations(std::uint64_t seed) : random_(seed) {}

  GroupConfiguration next(std::size_t members_max = 40) {
    GroupConfiguration c;
    c.group_id = identity();
    c.home_system = "sip:" + word(1, 12) + ".example";
    if (coin()) c.display_name = word(0, limits::display_name_bytes_max);
    if (coin()) c.alias = word(1, 20);
    c.services.bits = static_cast<std::uint8_t>(1 + below(7));
    c.level_within_group_hierarchy = some<std::uint16_t>();
    c.level_within_user_hierarchy = some<std::uint16_t>();
    for (bool* flag :
         {&c.disabled, &c.temporary, &c.preconfigured_group_use_only, &c.prearranged,
          &c.allow_emergency_call, &c.allow_imminent_peril_call, &c.allow_emergency_alert,
          &c.protect_media, &c.protect_floor_control_signalling, &c.mcvideo_protect_media,
          &c.mcvideo_protect_transmission_control, &c.mcdata_protect_payload,
          &c.mcdata_protect_signalling, &c.allow_getting_member_list,
          &c.allow_getting_affiliation_list, &c.allow_conference_state}) {
      *flag = coin();
    }
    for (std::uint32_t* number :
         {&c.participants_max, &c.participants_to_start_min, &c.affiliated_members_min,
          &c.simultaneous_talkers_max, &c.hang_timer_ms, &c.maximum_duration_ms,
          &c.emergency_cancellation_ms, &c.imminent_peril_cancellation_ms}) {
      *number = some<std::uint32_t>();
    }
    for (std::uint8_t* priority :
         {&c.group_priority, &c.mcvideo_group_priority, &c.mcdata_group_priority}) {
      *priority = some<std::uint8_t>();
    }
    if (coin()) c.permitted_area = area();
    if (coin()) c.mandatory_area = area();
    c.forbidden_deaffiliation_functional_aliases = aliases();
    c.forbidden_deaffiliation_if_last_functional_aliases = aliases();
    c.members.resize(below(members_max + 1));
    for (GroupMember& member : c.members) member = random_member();
    sort_members(c);
    const auto repeated = std::ranges::unique(c.members, {}, &GroupMember::mc_service_id);
    c.members.erase(repeated.begin(), repeated.end());
    return c;
  }

 private:
  // Not std::uniform_int_distribution, whose results differ between libraries.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  bool coin() { return below(2) == 1; }

  template <class Number>
  Number some() {
    return coin() ? Number{0} : static_cast<Number>(random_());
  }

  std::string word(std::size_t shortest, std::size_t longest) {
    std::string text(shortest + below(longest - shortest + 1), 'a');
    for (char& letter : text) letter = static_cast<char>('a' + below(26));
    return text;
  }

  std::string identity() {
    if (below(8) == 0) return "tel:+" + std::to_string(1 + below(1'000'000'000));
    return "sip:" + word(1, 20) + "@" + word(1, 20) + ".example";
  }

  std::vector<std::string> aliases() {
    std::vector<std::string> list(coin() ? below(limits::functional_aliases_max + 1) : 0);
    for (std::string& alias : list) alias = identity();
    return list;
  }

  AreaPoint point() {
    return {static_cast<std::uint32_t>(below(limits::area_coordinate_max + 1)),
            static_cast<std::uint32_t>(below(limits::area_coordinate_max + 1))};
  }

  Area area() {
    Area area;
    if (coin()) {
      area.corners.resize(limits::area_corners_min +
                          below(limits::area_corners_max - limits::area_corners_min + 1));
      for (AreaPoint& corner : area.corners) corner = point();
      return area;
    }
    area.centre = point();
    area.inner_radius = static_cast<std::uint32_t>(below(65'536));
    area.uncertainty_radius = static_cast<std::uint32_t>(below(128));
    area.offset_angle = static_cast<std::uint32_t>(below(180));
    area.included_angle = static_cast<std::uint32_t>(below(180));
    return area;
  }

  GroupMember random_member() {
    GroupMember member;
    member.mc_service_id = identity();
    if (below(4) == 0) member.mcvideo_id = identity();
    if (below(4) == 0) member.mcdata_id = identity();
    member.user_priority = some<std::uint8_t>();
    member.participant_type = static_cast<ParticipantType>(below(5));
    member.required = coin();
    member.receive_only = coin();
    member.multi_talker_allowed = coin();
    member.affiliation_required = coin();
    return member;
  }

  std::mt19937_64 random_;
};

}  // namespace bivouac::test
