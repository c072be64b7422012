// SPDX-License-Identifier: Apache-2.0
#include "core/wire/build_encoded.h"

#include "core/wire/build_frame.h"
#include "core/wire/key_envelope_codec.h"
#include "core/wire/structure.h"

namespace bivouac::wire {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

/// Everything in a buffer refers to its neighbours by distance, so it may lie inside another one,
/// at a place that is aligned as its own beginning was.
Offset<fb::GroupConfiguration> embed(FlatBufferBuilder& builder, const Bytes* encoded) {
  if (encoded == nullptr) return {};
  builder.PreAlign(encoded->size(), configuration_alignment);
  builder.PushBytes(encoded->data(), encoded->size());
  return {builder.GetSize() - flatbuffers::ReadScalar<flatbuffers::uoffset_t>(encoded->data())};
}

}  // namespace

Bytes build_encoded_provision(const Address& address, std::string_view group_id,
                              ExposedRevision revision, const Bytes* encoded) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto configuration = embed(builder, encoded);
  const auto body = fb::CreateGroupConfigurationProvisionRequest(builder, group, revision.value,
                                                                 configuration, encoded == nullptr);
  return finish_frame(builder, address, fb::Body::GroupConfigurationProvisionRequest, body.Union());
}

Bytes build_encoded_notification(const Address& address, std::string_view group_id,
                                 ExposedRevision revision, const Bytes* encoded,
                                 const std::vector<KeyEnvelope>* keys) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  Offset<KeyEnvelopes> envelopes;
  if (encoded != nullptr && keys != nullptr) envelopes = pack(builder, *keys);
  const auto configuration = embed(builder, encoded);
  const auto body = fb::CreateGroupInformationNotifyRequest(
      builder, group, revision.value, configuration, encoded == nullptr, envelopes);
  return finish_frame_with_keys(builder, address, fb::Body::GroupInformationNotifyRequest,
                                body.Union());
}

}  // namespace bivouac::wire
