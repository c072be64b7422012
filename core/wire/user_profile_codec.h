// SPDX-License-Identifier: Apache-2.0
#pragma once

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

/// A stand-alone buffer, as records keep it.
Bytes encode(const UserProfile& profile);
/// Verifies and validates; used for stored bytes.
Result<UserProfile> decode_profile(ByteView bytes);
/// Our own check of a value that came from a file: the same rules as for received ones.
Cause validate(const UserProfile& profile);

}  // namespace bivouac::wire
