// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/base/key_envelope.h"
#include "core/wire/schema/common_generated.h"

namespace bivouac::wire {

using KeyEnvelopes = flatbuffers::Vector<flatbuffers::Offset<fb::KeyEnvelope>>;

flatbuffers::Offset<KeyEnvelopes> pack(flatbuffers::FlatBufferBuilder& builder,
                                       std::span<const KeyEnvelope> envelopes);
/// Of a message that was verified and validated; null is empty.
std::vector<KeyEnvelope> unpack(const KeyEnvelopes* envelopes);

}  // namespace bivouac::wire
