// SPDX-License-Identifier: Apache-2.0
#include "core/wire/check.h"

namespace bivouac::wire {
namespace {

using flatbuffers::Offset;
using flatbuffers::String;
using flatbuffers::uoffset_t;
using flatbuffers::Vector;

constexpr std::uint32_t inner_radius_max = 65'535;
constexpr std::uint32_t uncertainty_radius_max = 127;
constexpr std::uint32_t angle_max = 179;

bool check_point(Check& check, const fb::AreaPoint& point) {
  return check.in_range(point.latitude() <= limits::area_coordinate_max &&
                        point.longitude() <= limits::area_coordinate_max);
}

bool check_polygon(Check& check, const fb::Area& area) {
  if (!check.vector(area.corners(), limits::area_corners_max, Cause::too_many_elements) ||
      !check.in_range(area.corners()->size() >= limits::area_corners_min)) {
    return false;
  }
  for (const fb::AreaPoint* corner : *area.corners()) {
    if (!check_point(check, *corner)) return false;
  }
  // An area is one thing or the other; what is half of each means different areas to two readers.
  return check.in_range(area.centre() == nullptr && area.inner_radius() == 0 &&
                        area.uncertainty_radius() == 0 && area.offset_angle() == 0 &&
                        area.included_angle() == 0);
}

bool check_area(Check& check, const fb::Area* area) {
  if (area == nullptr) return true;
  if (size_of(area->corners()) != 0) return check_polygon(check, *area);
  return check.present(area->centre()) && check_point(check, *area->centre()) &&
         check.in_range(area->inner_radius() <= inner_radius_max &&
                        area->uncertainty_radius() <= uncertainty_radius_max &&
                        area->offset_angle() <= angle_max && area->included_angle() <= angle_max);
}

bool check_aliases(Check& check, const Vector<Offset<String>>* aliases) {
  if (!check.vector(aliases, limits::functional_aliases_max, Cause::too_many_elements))
    return false;
  for (std::size_t i = 0; i < size_of(aliases); ++i) {
    if (!check.identity(aliases->Get(static_cast<uoffset_t>(i)))) return false;
  }
  return true;
}

bool check_member(Check& check, const fb::GroupMember& member) {
  return check.identity(member.mc_service_id()) && check.optional_identity(member.mcvideo_id()) &&
         check.optional_identity(member.mcdata_id()) &&
         check.in_range(member.participant_type() <= fb::ParticipantType::MAX) &&
         check.in_range(known_bits(member.flags()));
}

/// Members ascend, which makes them a set and lets readers search it.
bool check_members(Check& check, const Vector<Offset<fb::GroupMember>>* members) {
  if (!check.vector(members, limits::group_members_max, Cause::too_many_members)) return false;
  std::string_view previous;
  for (std::size_t i = 0; i < size_of(members); ++i) {
    const fb::GroupMember& member = *members->Get(static_cast<uoffset_t>(i));
    if (!check_member(check, member)) return false;
    const std::string_view id = member.mc_service_id()->string_view();
    if (!check.that(id != previous, Cause::member_duplicate) ||
        !check.that(id > previous, Cause::members_unsorted)) {
      return false;
    }
    previous = id;
  }
  return true;
}

std::size_t encoded_bytes(const String* text) {
  return text_of(text).empty() ? 0 : text->size() + string_overhead_bytes;
}

/// A received configuration may share strings and so be smaller than the one that we would send on:
/// what is accepted must also fit into a frame of ours.
bool check_size(Check& check, const fb::GroupConfiguration& configuration) {
  std::size_t bytes = frame_overhead_bytes;
  for (const auto* aliases : {configuration.forbidden_deaffiliation_functional_aliases(),
                              configuration.forbidden_deaffiliation_if_last_functional_aliases()}) {
    for (std::size_t i = 0; i < size_of(aliases); ++i) {
      bytes += encoded_bytes(aliases->Get(static_cast<uoffset_t>(i)));
    }
  }
  for (std::size_t i = 0; i < size_of(configuration.members()); ++i) {
    const fb::GroupMember& member = *configuration.members()->Get(static_cast<uoffset_t>(i));
    bytes += member_bytes + encoded_bytes(member.mc_service_id()) +
             encoded_bytes(member.mcvideo_id()) + encoded_bytes(member.mcdata_id());
  }
  return check.that(bytes <= limits::frame_bytes_max, Cause::too_many_members);
}

}  // namespace

bool check_configuration(Check& check, const fb::GroupConfiguration& configuration,
                         const ConfigurationRules& rules) {
  const fb::GroupConfiguration& c = configuration;
  return check.identity(c.group_id()) &&
         (rules.home_required ? check.system(c.home_system())
                              : check.optional_system(c.home_system())) &&
         check.text(c.display_name()) && check.text(c.alias()) &&
         check.in_range(rules.alias_allowed || text_of(c.alias()).empty()) &&
         check.that(c.services() != fb::Services::NONE, Cause::field_missing) &&
         check.in_range(known_bits(c.services()) && known_bits(c.flags())) &&
         check_area(check, c.permitted_area()) && check_area(check, c.mandatory_area()) &&
         check_aliases(check, c.forbidden_deaffiliation_functional_aliases()) &&
         check_aliases(check, c.forbidden_deaffiliation_if_last_functional_aliases()) &&
         check_members(check, c.members()) && check_size(check, c);
}

bool check_one_service(Check& check, fb::Services service) {
  const auto bits = number_of(service);
  return check.that(bits != 0, Cause::field_missing) &&
         check.in_range(known_bits(service) && (bits & (bits - 1)) == 0);
}

}  // namespace bivouac::wire
