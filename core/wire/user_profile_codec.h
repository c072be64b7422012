// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/user_profile.h"
#include "core/wire/schema/common_generated.h"

namespace bivouac::wire {

/// The table as a plain value. The table must have passed validation.
UserProfile unpack(const fb::UserProfile& table);
/// Into a message under construction. Equal values give equal bytes.
flatbuffers::Offset<fb::UserProfile> pack(flatbuffers::FlatBufferBuilder& builder,
                                          const UserProfile& profile);

inline Services services_of(const fb::UserProfile& table) {
  return {static_cast<std::uint8_t>(table.services())};
}
/// Null when the group is not in the profile.
const fb::ProfileGroup* find_group(const fb::UserProfile& table, std::string_view group_id);

/// A stand-alone buffer, as records keep it.
Bytes encode(const UserProfile& profile);
/// Verifies and validates; used for stored bytes, which must begin at a multiple of 4.
Result<const fb::UserProfile*> view_profile(ByteView bytes);
Result<UserProfile> decode_profile(ByteView bytes);
/// Of bytes that passed view_profile in this run, or that encode() made of a valid value: where
/// they lie, without another look at the rules. Dies with the bytes.
const fb::UserProfile& trusted_profile(ByteView bytes);
/// Our own check of a value that came from a file: the same rules as for received ones.
Cause validate(const UserProfile& profile);

}  // namespace bivouac::wire
