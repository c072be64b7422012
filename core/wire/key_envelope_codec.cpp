// SPDX-License-Identifier: Apache-2.0
#include "core/wire/key_envelope_codec.h"

#include "core/wire/check.h"

namespace bivouac::wire {

flatbuffers::Offset<KeyEnvelopes> pack(flatbuffers::FlatBufferBuilder& builder,
                                       std::span<const KeyEnvelope> envelopes) {
  std::vector<flatbuffers::Offset<fb::KeyEnvelope>> packed;
  packed.reserve(envelopes.size());
  for (const KeyEnvelope& one : envelopes) {
    const auto recipient = builder.CreateString(one.recipient);
    const auto bytes = builder.CreateVector(one.bytes);
    packed.push_back(
        fb::CreateKeyEnvelope(builder, recipient, one.gmk.value, one.expiry_wall_ms, bytes));
  }
  return builder.CreateVector(packed);
}

std::vector<KeyEnvelope> unpack(const KeyEnvelopes* envelopes) {
  std::vector<KeyEnvelope> unpacked;
  unpacked.reserve(size_of(envelopes));
  for (std::size_t i = 0; i < size_of(envelopes); ++i) {
    const auto& one = *envelopes->Get(static_cast<flatbuffers::uoffset_t>(i));
    unpacked.push_back({one.recipient()->str(),
                        {one.gmk_id()},
                        one.expiry_wall_ms(),
                        Bytes(one.bytes()->begin(), one.bytes()->end())});
  }
  return unpacked;
}

bool check_key_envelopes(Check& check, const KeyEnvelopes* envelopes) {
  if (!check.vector(envelopes, limits::key_envelopes_per_group_max, Cause::key_limit)) return false;
  std::size_t bytes = 0;
  const fb::KeyEnvelope* before = nullptr;
  for (std::size_t i = 0; i < size_of(envelopes); ++i) {
    const auto& one = *envelopes->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (!check.identity(one.recipient()) || !check.present(one.bytes()) ||
        !check.in_range(one.gmk_id() != 0 && size_of(one.bytes()) != 0) ||
        !check.that(size_of(one.bytes()) <= limits::key_envelope_bytes_max, Cause::key_too_long)) {
      return false;
    }
    const bool follows = before == nullptr ||
                         text_of(before->recipient()) < text_of(one.recipient()) ||
                         (text_of(before->recipient()) == text_of(one.recipient()) &&
                          before->gmk_id() < one.gmk_id());
    if (!check.that(follows, Cause::keys_unsorted)) return false;
    bytes += size_of(one.bytes()) + text_of(one.recipient()).size();
    before = &one;
  }
  return check.that(bytes <= limits::group_keys_bytes_max, Cause::key_limit);
}

}  // namespace bivouac::wire
