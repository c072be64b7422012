// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/group_configuration.h"
#include "core/base/result.h"
#include "core/wire/schema/envelope_generated.h"

namespace bivouac::wire {

/// The table as a plain value. The table must have passed validate().
GroupConfiguration unpack(const fb::GroupConfiguration& table);
/// An alias is a local name: messages to other MC systems leave it out.
enum class Alias : std::uint8_t { keep, leave_out };
/// Into a message under construction. Equal values give equal bytes.
flatbuffers::Offset<fb::GroupConfiguration> pack(flatbuffers::FlatBufferBuilder& builder,
                                                 const GroupConfiguration& configuration,
                                                 Alias alias = Alias::keep);

/// A stand-alone buffer, as records keep it.
Bytes encode(const GroupConfiguration& configuration);
/// Verifies and validates; used for stored bytes, which must begin at a multiple of 4.
Result<const fb::GroupConfiguration*> view_configuration(ByteView bytes);
/// Of bytes that passed view_configuration in this run, or that encode() made of a valid value:
/// where they lie, without another look at the rules. Dies with the bytes.
const fb::GroupConfiguration& trusted_configuration(ByteView bytes);
Result<GroupConfiguration> decode(ByteView bytes);

/// Our own check of a value that came from a file: the same rules as for received ones.
Cause validate(const GroupConfiguration& configuration);

}  // namespace bivouac::wire
