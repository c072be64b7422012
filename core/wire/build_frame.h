// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.h"
#include "core/wire/build.h"

// What the builders of core/wire share; not for other layers.

namespace bivouac::wire {

/// The finished buffer behind a frame header.
Bytes frame_of(const flatbuffers::FlatBufferBuilder& builder);

Bytes finish_frame(flatbuffers::FlatBufferBuilder& builder, const Address& address, fb::Body type,
                   flatbuffers::Offset<void> body);
/// The same of a message that bears key material beside a configuration: the two together may be
/// too long for a frame, which the sender must look at.
Bytes finish_frame_with_keys(flatbuffers::FlatBufferBuilder& builder, const Address& address,
                             fb::Body type, flatbuffers::Offset<void> body);

}  // namespace bivouac::wire
