// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/affiliation.h"
#include "core/wire/schema/affiliation_generated.h"

namespace bivouac::wire {

using GroupIds = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;
using AffiliatedUsers = flatbuffers::Vector<flatbuffers::Offset<fb::AffiliatedUser>>;
using HostedUsers = flatbuffers::Vector<flatbuffers::Offset<fb::HostedUser>>;
using GroupAffiliations = flatbuffers::Vector<flatbuffers::Offset<fb::GroupAffiliation>>;

flatbuffers::Offset<GroupIds> pack(flatbuffers::FlatBufferBuilder& builder,
                                   std::span<const std::string> group_ids);
flatbuffers::Offset<GroupAffiliations> pack(flatbuffers::FlatBufferBuilder& builder,
                                            std::span<const GroupAffiliation> groups);
flatbuffers::Offset<AffiliatedUsers> pack(flatbuffers::FlatBufferBuilder& builder,
                                          std::span<const AffiliatedUser> users);
flatbuffers::Offset<HostedUsers> pack(flatbuffers::FlatBufferBuilder& builder,
                                      std::span<const HostedUser> users);
/// Of a message that was verified and validated, in its order; null is empty. A cause that we have
/// no name for becomes Cause::policy (D4).
std::vector<std::string> unpack(const GroupIds* group_ids);
std::vector<GroupAffiliation> unpack(const GroupAffiliations* groups);
std::vector<AffiliatedUser> unpack(const AffiliatedUsers* users);
std::vector<HostedUser> unpack(const HostedUsers* users);

}  // namespace bivouac::wire
