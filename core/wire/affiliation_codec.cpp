// SPDX-License-Identifier: Apache-2.0
#include "core/wire/affiliation_codec.h"

#include "core/wire/check.h"

namespace bivouac::wire {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::String;
using flatbuffers::uoffset_t;

Cause cause_of(std::uint16_t number) {
  const auto cause = static_cast<Cause>(number);
  return is_known(cause) ? cause : Cause::policy;
}

}  // namespace

Offset<GroupIds> pack(FlatBufferBuilder& builder, std::span<const std::string> group_ids) {
  std::vector<Offset<String>> packed;
  packed.reserve(group_ids.size());
  for (const std::string& group_id : group_ids) packed.push_back(builder.CreateString(group_id));
  return builder.CreateVector(packed);
}

Offset<GroupAffiliations> pack(FlatBufferBuilder& builder,
                               std::span<const GroupAffiliation> groups) {
  std::vector<Offset<fb::GroupAffiliation>> packed;
  packed.reserve(groups.size());
  for (const GroupAffiliation& one : groups) {
    const auto group = builder.CreateString(one.group_id);
    const auto client =
        one.client_id.empty() ? Offset<String>{} : builder.CreateString(one.client_id);
    packed.push_back(
        fb::CreateGroupAffiliation(builder, group, static_cast<fb::AffiliationStatus>(one.status),
                                   static_cast<std::uint16_t>(one.cause),
                                   static_cast<fb::Services>(one.services.bits), client));
  }
  return builder.CreateVector(packed);
}

Offset<AffiliatedUsers> pack(FlatBufferBuilder& builder, std::span<const AffiliatedUser> users) {
  std::vector<Offset<fb::AffiliatedUser>> packed;
  packed.reserve(users.size());
  for (const AffiliatedUser& one : users) {
    const auto user = builder.CreateString(one.mc_service_id);
    packed.push_back(fb::CreateAffiliatedUser(builder, user, one.digest));
  }
  return builder.CreateVector(packed);
}

Offset<HostedUsers> pack(FlatBufferBuilder& builder, std::span<const HostedUser> users) {
  std::vector<Offset<fb::HostedUser>> packed;
  packed.reserve(users.size());
  for (const HostedUser& one : users) {
    const auto user = builder.CreateString(one.mc_service_id);
    packed.push_back(fb::CreateHostedUser(builder, user, pack(builder, one.groups)));
  }
  return builder.CreateVector(packed);
}

std::vector<std::string> unpack(const GroupIds* group_ids) {
  std::vector<std::string> unpacked;
  unpacked.reserve(size_of(group_ids));
  for (std::size_t i = 0; i < size_of(group_ids); ++i)
    unpacked.push_back(group_ids->Get(static_cast<uoffset_t>(i))->str());
  return unpacked;
}

std::vector<GroupAffiliation> unpack(const GroupAffiliations* groups) {
  std::vector<GroupAffiliation> unpacked;
  unpacked.reserve(size_of(groups));
  for (std::size_t i = 0; i < size_of(groups); ++i) {
    const auto& one = *groups->Get(static_cast<uoffset_t>(i));
    unpacked.push_back({one.group_id()->str(),
                        static_cast<AffiliationStatus>(one.status()),
                        cause_of(one.cause()),
                        {static_cast<std::uint8_t>(one.services())},
                        std::string(text_of(one.client_id()))});
  }
  return unpacked;
}

std::vector<AffiliatedUser> unpack(const AffiliatedUsers* users) {
  std::vector<AffiliatedUser> unpacked;
  unpacked.reserve(size_of(users));
  for (std::size_t i = 0; i < size_of(users); ++i) {
    const auto& one = *users->Get(static_cast<uoffset_t>(i));
    unpacked.push_back({one.mc_service_id()->str(), one.digest()});
  }
  return unpacked;
}

std::vector<HostedUser> unpack(const HostedUsers* users) {
  std::vector<HostedUser> unpacked;
  unpacked.reserve(size_of(users));
  for (std::size_t i = 0; i < size_of(users); ++i) {
    const auto& one = *users->Get(static_cast<uoffset_t>(i));
    unpacked.push_back({one.mc_service_id()->str(), unpack(one.groups())});
  }
  return unpacked;
}

}  // namespace bivouac::wire
