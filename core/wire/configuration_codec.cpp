// SPDX-License-Identifier: Apache-2.0
#include "core/wire/configuration_codec.h"

#include <utility>

#include "core/base/limits.h"
#include "core/wire/structure.h"
#include "core/wire/validate.h"

namespace bivouac::wire {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::String;
using flatbuffers::Vector;

/// Marks a configuration that stands alone, as records keep it.
constexpr const char* configuration_identifier = "BVC1";
constexpr Structure configuration_structure{configuration_identifier, configuration_alignment,
                                            configuration_depth_max, configuration_tables_max};

template <class Owner, class Flag>
struct FlagOf {
  bool Owner::* member;
  Flag flag;
};

using G = GroupConfiguration;
constexpr FlagOf<G, fb::GroupFlags> group_flags[] = {
    {&G::disabled, fb::GroupFlags::disabled},
    {&G::temporary, fb::GroupFlags::temporary},
    {&G::preconfigured_group_use_only, fb::GroupFlags::preconfigured_group_use_only},
    {&G::prearranged, fb::GroupFlags::prearranged},
    {&G::allow_emergency_call, fb::GroupFlags::allow_emergency_call},
    {&G::allow_imminent_peril_call, fb::GroupFlags::allow_imminent_peril_call},
    {&G::allow_emergency_alert, fb::GroupFlags::allow_emergency_alert},
    {&G::protect_media, fb::GroupFlags::protect_media},
    {&G::protect_floor_control_signalling, fb::GroupFlags::protect_floor_control_signalling},
    {&G::mcvideo_protect_media, fb::GroupFlags::mcvideo_protect_media},
    {&G::mcvideo_protect_transmission_control,
     fb::GroupFlags::mcvideo_protect_transmission_control},
    {&G::mcdata_protect_payload, fb::GroupFlags::mcdata_protect_payload},
    {&G::mcdata_protect_signalling, fb::GroupFlags::mcdata_protect_signalling},
    {&G::allow_getting_member_list, fb::GroupFlags::allow_getting_member_list},
    {&G::allow_getting_affiliation_list, fb::GroupFlags::allow_getting_affiliation_list},
    {&G::allow_conference_state, fb::GroupFlags::allow_conference_state},
};

using M = GroupMember;
constexpr FlagOf<M, fb::MemberFlags> member_flags[] = {
    {&M::required, fb::MemberFlags::required},
    {&M::receive_only, fb::MemberFlags::receive_only},
    {&M::multi_talker_allowed, fb::MemberFlags::multi_talker_allowed},
    {&M::affiliation_required, fb::MemberFlags::affiliation_required},
};

template <class Owner, class Flag, std::size_t count>
Flag pack_flags(const Owner& owner, const FlagOf<Owner, Flag> (&flags)[count]) {
  Flag packed = Flag::NONE;
  for (const auto& [member, flag] : flags) {
    if (owner.*member) packed |= flag;
  }
  return packed;
}

template <class Owner, class Flag, std::size_t count>
void unpack_flags(Flag packed, const FlagOf<Owner, Flag> (&flags)[count], Owner& owner) {
  for (const auto& [member, flag] : flags) owner.*member = (packed & flag) == flag;
}

std::string unpack_text(const String* text) {
  return text == nullptr ? std::string{} : text->str();
}

std::vector<std::string> unpack_texts(const Vector<Offset<String>>* texts) {
  std::vector<std::string> list;
  if (texts == nullptr) return list;
  list.reserve(texts->size());
  for (const String* text : *texts) list.push_back(text->str());
  return list;
}

std::optional<Area> unpack_area(const fb::Area* table) {
  if (table == nullptr) return std::nullopt;
  const auto point = [](const fb::AreaPoint& p) { return AreaPoint{p.latitude(), p.longitude()}; };
  Area area;
  if (table->corners() != nullptr) {
    for (const fb::AreaPoint* corner : *table->corners()) area.corners.push_back(point(*corner));
  }
  if (table->centre() != nullptr) area.centre = point(*table->centre());
  area.inner_radius = table->inner_radius();
  area.uncertainty_radius = table->uncertainty_radius();
  area.offset_angle = table->offset_angle();
  area.included_angle = table->included_angle();
  return area;
}

GroupMember unpack_member(const fb::GroupMember& table) {
  GroupMember member;
  member.mc_service_id = unpack_text(table.mc_service_id());
  member.mcvideo_id = unpack_text(table.mcvideo_id());
  member.mcdata_id = unpack_text(table.mcdata_id());
  member.user_priority = table.user_priority();
  member.participant_type = static_cast<ParticipantType>(table.participant_type());
  unpack_flags(table.flags(), member_flags, member);
  return member;
}

/// Absent when empty; never shared, so that the bytes follow from the value alone.
Offset<String> pack_text(FlatBufferBuilder& builder, const std::string& text) {
  return text.empty() ? Offset<String>{} : builder.CreateString(text);
}

Offset<Vector<Offset<String>>> pack_texts(FlatBufferBuilder& builder,
                                          const std::vector<std::string>& texts) {
  if (texts.empty()) return {};
  std::vector<Offset<String>> offsets;
  offsets.reserve(texts.size());
  for (const std::string& text : texts) offsets.push_back(builder.CreateString(text));
  return builder.CreateVector(offsets);
}

/// Writes what is there, also what is wrong with it: validate() of a value reads the result.
Offset<fb::Area> pack_area(FlatBufferBuilder& builder, const std::optional<Area>& area) {
  if (!area) return {};
  Offset<Vector<Offset<fb::AreaPoint>>> corners;
  Offset<fb::AreaPoint> centre;
  if (!area->corners.empty()) {
    std::vector<Offset<fb::AreaPoint>> offsets;
    offsets.reserve(area->corners.size());
    for (const AreaPoint& corner : area->corners) {
      offsets.push_back(fb::CreateAreaPoint(builder, corner.latitude, corner.longitude));
    }
    corners = builder.CreateVector(offsets);
  }
  if (area->corners.empty() || area->centre != AreaPoint{}) {
    centre = fb::CreateAreaPoint(builder, area->centre.latitude, area->centre.longitude);
  }
  return fb::CreateArea(builder, corners, centre, area->inner_radius, area->uncertainty_radius,
                        area->offset_angle, area->included_angle);
}

Offset<fb::GroupMember> pack_member(FlatBufferBuilder& builder, const GroupMember& member) {
  const auto mc_service_id = builder.CreateString(member.mc_service_id);
  const auto mcvideo_id = pack_text(builder, member.mcvideo_id);
  const auto mcdata_id = pack_text(builder, member.mcdata_id);
  return fb::CreateGroupMember(builder, mc_service_id, mcvideo_id, mcdata_id, member.user_priority,
                               static_cast<fb::ParticipantType>(member.participant_type),
                               pack_flags(member, member_flags));
}

Offset<Vector<Offset<fb::GroupMember>>> pack_members(FlatBufferBuilder& builder,
                                                     const std::vector<GroupMember>& members) {
  if (members.empty()) return {};
  std::vector<Offset<fb::GroupMember>> offsets;
  offsets.reserve(members.size());
  for (const GroupMember& member : members) offsets.push_back(pack_member(builder, member));
  return builder.CreateVector(offsets);
}

}  // namespace

GroupConfiguration unpack(const fb::GroupConfiguration& table) {
  GroupConfiguration c;
  c.group_id = unpack_text(table.group_id());
  c.home_system = unpack_text(table.home_system());
  c.display_name = unpack_text(table.display_name());
  c.alias = unpack_text(table.alias());
  c.services.bits = std::to_underlying(table.services());
  c.level_within_group_hierarchy = table.level_within_group_hierarchy();
  c.level_within_user_hierarchy = table.level_within_user_hierarchy();
  unpack_flags(table.flags(), group_flags, c);
  c.participants_max = table.participants_max();
  c.participants_to_start_min = table.participants_to_start_min();
  c.affiliated_members_min = table.affiliated_members_min();
  c.simultaneous_talkers_max = table.simultaneous_talkers_max();
  c.group_priority = table.group_priority();
  c.mcvideo_group_priority = table.mcvideo_group_priority();
  c.mcdata_group_priority = table.mcdata_group_priority();
  c.hang_timer_ms = table.hang_timer_ms();
  c.maximum_duration_ms = table.maximum_duration_ms();
  c.emergency_cancellation_ms = table.emergency_cancellation_ms();
  c.imminent_peril_cancellation_ms = table.imminent_peril_cancellation_ms();
  c.permitted_area = unpack_area(table.permitted_area());
  c.mandatory_area = unpack_area(table.mandatory_area());
  c.forbidden_deaffiliation_functional_aliases =
      unpack_texts(table.forbidden_deaffiliation_functional_aliases());
  c.forbidden_deaffiliation_if_last_functional_aliases =
      unpack_texts(table.forbidden_deaffiliation_if_last_functional_aliases());
  if (table.members() == nullptr) return c;
  c.members.reserve(table.members()->size());
  for (const fb::GroupMember* member : *table.members())
    c.members.push_back(unpack_member(*member));
  return c;
}

Offset<fb::GroupConfiguration> pack(FlatBufferBuilder& builder, const GroupConfiguration& c,
                                    Alias alias_handling) {
  // A table cannot be built while another one is open: everything that it refers to comes first.
  const auto group_id = builder.CreateString(c.group_id);
  const auto home_system = builder.CreateString(c.home_system);
  const auto display_name = pack_text(builder, c.display_name);
  const auto alias = alias_handling == Alias::keep ? pack_text(builder, c.alias) : Offset<String>{};
  const auto permitted_area = pack_area(builder, c.permitted_area);
  const auto mandatory_area = pack_area(builder, c.mandatory_area);
  const auto forbidden = pack_texts(builder, c.forbidden_deaffiliation_functional_aliases);
  const auto forbidden_if_last =
      pack_texts(builder, c.forbidden_deaffiliation_if_last_functional_aliases);
  const auto members = pack_members(builder, c.members);

  fb::GroupConfigurationBuilder table(builder);
  table.add_group_id(group_id);
  table.add_home_system(home_system);
  table.add_display_name(display_name);
  table.add_alias(alias);
  table.add_services(static_cast<fb::Services>(c.services.bits));
  table.add_level_within_group_hierarchy(c.level_within_group_hierarchy);
  table.add_level_within_user_hierarchy(c.level_within_user_hierarchy);
  table.add_flags(pack_flags(c, group_flags));
  table.add_participants_max(c.participants_max);
  table.add_participants_to_start_min(c.participants_to_start_min);
  table.add_affiliated_members_min(c.affiliated_members_min);
  table.add_simultaneous_talkers_max(c.simultaneous_talkers_max);
  table.add_group_priority(c.group_priority);
  table.add_mcvideo_group_priority(c.mcvideo_group_priority);
  table.add_mcdata_group_priority(c.mcdata_group_priority);
  table.add_hang_timer_ms(c.hang_timer_ms);
  table.add_maximum_duration_ms(c.maximum_duration_ms);
  table.add_emergency_cancellation_ms(c.emergency_cancellation_ms);
  table.add_imminent_peril_cancellation_ms(c.imminent_peril_cancellation_ms);
  table.add_permitted_area(permitted_area);
  table.add_mandatory_area(mandatory_area);
  table.add_forbidden_deaffiliation_functional_aliases(forbidden);
  table.add_forbidden_deaffiliation_if_last_functional_aliases(forbidden_if_last);
  table.add_members(members);
  return table.Finish();
}

Bytes encode(const GroupConfiguration& configuration) {
  FlatBufferBuilder builder;
  builder.Finish(pack(builder, configuration), configuration_identifier);
  const auto span = builder.GetBufferSpan();
  return {span.begin(), span.end()};
}

Result<const fb::GroupConfiguration*> view_configuration(ByteView bytes) {
  const auto table = open<fb::GroupConfiguration>(bytes, configuration_structure);
  if (!table) return table;
  const Cause cause = validate(**table);
  if (cause != Cause::none) return refuse(cause);
  return table;
}

const fb::GroupConfiguration& trusted_configuration(ByteView bytes) {
  return trust<fb::GroupConfiguration>(bytes, configuration_structure);
}

Result<GroupConfiguration> decode(ByteView bytes) {
  // A record may hold the bytes at any address; a copy on the heap begins where it should.
  if (!is_aligned(bytes.data(), configuration_alignment)) {
    return decode(Bytes(bytes.begin(), bytes.end()));
  }
  const auto table = view_configuration(bytes);
  if (!table) return refuse(table.error());
  return unpack(**table);
}

Cause validate(const GroupConfiguration& configuration) {
  // By count first: what is far too much must not be encoded to find that out.
  if (configuration.members.size() > limits::group_members_max) return Cause::too_many_members;
  const auto too_many = [](const std::optional<Area>& area) {
    return area && area->corners.size() > limits::area_corners_max;
  };
  if (too_many(configuration.permitted_area) || too_many(configuration.mandatory_area) ||
      configuration.forbidden_deaffiliation_functional_aliases.size() >
          limits::functional_aliases_max ||
      configuration.forbidden_deaffiliation_if_last_functional_aliases.size() >
          limits::functional_aliases_max) {
    return Cause::too_many_elements;
  }
  const auto table = view_configuration(encode(configuration));
  return table ? Cause::none : table.error();
}

}  // namespace bivouac::wire
