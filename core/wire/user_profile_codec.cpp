// SPDX-License-Identifier: Apache-2.0
#include "core/wire/user_profile_codec.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/wire/check.h"
#include "core/wire/structure.h"

namespace bivouac::wire {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::String;

/// Marks a profile that stands alone, as records keep it.
constexpr const char* profile_identifier = "BVU1";
constexpr Structure profile_structure{profile_identifier, profile_alignment, profile_depth_max,
                                      profile_tables_max};

struct Right {
  bool UserProfile::* member;
  fb::UserRights flag;
};

constexpr Right rights[] = {
    {&UserProfile::request_affiliated_groups, fb::UserRights::request_affiliated_groups},
    {&UserProfile::change_mandatory, fb::UserRights::change_mandatory},
    {&UserProfile::change_negotiated, fb::UserRights::change_negotiated},
    {&UserProfile::regroup, fb::UserRights::regroup},
};

}  // namespace

UserProfile unpack(const fb::UserProfile& table) {
  UserProfile profile;
  profile.mc_service_id = table.mc_service_id()->str();
  profile.services = services_of(table);
  profile.affiliations_max = table.affiliations_max();
  for (const auto& [member, flag] : rights) profile.*member = (table.rights() & flag) == flag;
  if (table.groups() != nullptr) {
    for (const fb::ProfileGroup* group : *table.groups()) {
      profile.groups.push_back({group->group_id()->str(), std::string(text_of(group->server()))});
    }
  }
  if (table.implicit_affiliations() != nullptr) {
    for (const String* group : *table.implicit_affiliations())
      profile.implicit_affiliations.push_back(group->str());
  }
  return profile;
}

const fb::ProfileGroup* find_group(const fb::UserProfile& table, std::string_view group_id) {
  if (table.groups() == nullptr) return nullptr;
  const auto& groups = *table.groups();  // they ascend
  const auto found = std::lower_bound(groups.begin(), groups.end(), group_id,
                                      [](const fb::ProfileGroup* group, std::string_view id) {
                                        return group->group_id()->string_view() < id;
                                      });
  if (found == groups.end() || found->group_id()->string_view() != group_id) return nullptr;
  return *found;
}

Offset<fb::UserProfile> pack(FlatBufferBuilder& builder, const UserProfile& profile) {
  const auto mc_service_id = builder.CreateString(profile.mc_service_id);
  std::vector<Offset<fb::ProfileGroup>> groups;
  groups.reserve(profile.groups.size());
  for (const ProfileGroup& group : profile.groups) {
    const auto group_id = builder.CreateString(group.group_id);
    const auto server =
        group.server.empty() ? Offset<String>{} : builder.CreateString(group.server);
    groups.push_back(fb::CreateProfileGroup(builder, group_id, server));
  }
  std::vector<Offset<String>> implicit;
  implicit.reserve(profile.implicit_affiliations.size());
  for (const std::string& group : profile.implicit_affiliations)
    implicit.push_back(builder.CreateString(group));
  fb::UserRights granted = fb::UserRights::NONE;
  for (const auto& [member, flag] : rights) {
    if (profile.*member) granted |= flag;
  }
  const auto group_list = builder.CreateVector(groups);
  const auto implicit_list = builder.CreateVector(implicit);
  return fb::CreateUserProfile(builder, mc_service_id,
                               static_cast<fb::Services>(profile.services.bits),
                               profile.affiliations_max, granted, group_list, implicit_list);
}

Bytes encode(const UserProfile& profile) {
  FlatBufferBuilder builder;
  builder.Finish(pack(builder, profile), profile_identifier);
  const auto span = builder.GetBufferSpan();
  return {span.begin(), span.end()};
}

Result<const fb::UserProfile*> view_profile(ByteView bytes) {
  const auto table = open<fb::UserProfile>(bytes, profile_structure);
  if (!table) return table;
  Check check;
  if (!check_profile(check, **table, complete_profile)) return refuse(check.cause());
  return table;
}

const fb::UserProfile& trusted_profile(ByteView bytes) {
  return trust<fb::UserProfile>(bytes, profile_structure);
}

Result<UserProfile> decode_profile(ByteView bytes) {
  // A record may hold the bytes at any address; a copy on the heap begins where it should.
  if (!is_aligned(bytes.data(), profile_alignment)) {
    const Bytes copy(bytes.begin(), bytes.end());
    return decode_profile(copy);
  }
  const auto table = view_profile(bytes);
  if (!table) return refuse(table.error());
  return unpack(**table);
}

Cause validate(const UserProfile& profile) {
  // By count first: what is far too much must not be encoded to find that out.
  if (profile.groups.size() > limits::profile_groups_max ||
      profile.implicit_affiliations.size() > limits::profile_groups_max) {
    return Cause::too_many_elements;
  }
  const auto checked = decode_profile(encode(profile));
  return checked ? Cause::none : checked.error();
}

}  // namespace bivouac::wire
