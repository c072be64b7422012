// SPDX-License-Identifier: Apache-2.0
// Subscriptions and notifications (10.2.7.4, 10.2.7.5).
#include "core/base/assert.h"
#include "core/base/limits.h"
#include "core/wire/build.h"
#include "core/wire/build_frame.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/key_envelope_codec.h"

namespace bivouac::wire {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

fb::Result result_of(Cause cause) {
  return cause == Cause::none ? fb::Result::success : fb::Result::failure;
}

std::uint16_t number_of(Cause cause) { return static_cast<std::uint16_t>(cause); }

}  // namespace

Bytes build_group_information_subscribe_request(const Address& address,
                                                const std::vector<SubscribedGroup>& groups,
                                                const SubscriptionTerms& terms) {
  BIVOUAC_ASSERT(!groups.empty() && groups.size() <= limits::subscribe_groups_max);
  FlatBufferBuilder builder;
  std::vector<Offset<fb::GroupSubscription>> further;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    const auto group = builder.CreateString(groups[i].group_id);
    further.push_back(fb::CreateGroupSubscription(builder, group, groups[i].known.value));
  }
  Offset<flatbuffers::Vector<Offset<fb::GroupSubscription>>> list;
  if (!further.empty()) list = builder.CreateVector(further);
  const auto group = builder.CreateString(groups[0].group_id);
  const auto body = fb::CreateGroupInformationSubscribeRequest(
      builder, group, terms.lease_s, groups[0].known.value, terms.known_incarnation.value,
      terms.interval_min_ms, list);
  return finish_frame(builder, address, fb::Body::GroupInformationSubscribeRequest, body.Union());
}

Bytes build_group_information_subscribe_response(const Address& address, std::uint32_t lease_s,
                                                 const std::vector<SubscriptionOutcome>& outcomes) {
  BIVOUAC_ASSERT(!outcomes.empty() && outcomes.size() <= limits::subscribe_groups_max);
  FlatBufferBuilder builder;
  std::vector<Offset<fb::GroupSubscriptionOutcome>> further;
  for (std::size_t i = 1; i < outcomes.size(); ++i) {
    const SubscriptionOutcome& one = outcomes[i];
    const auto group = builder.CreateString(one.group_id);
    further.push_back(fb::CreateGroupSubscriptionOutcome(builder, group, result_of(one.cause),
                                                         number_of(one.cause), one.revision.value));
  }
  Offset<flatbuffers::Vector<Offset<fb::GroupSubscriptionOutcome>>> list;
  if (!further.empty()) list = builder.CreateVector(further);
  const SubscriptionOutcome& first = outcomes[0];
  const auto group = builder.CreateString(first.group_id);
  const auto body = fb::CreateGroupInformationSubscribeResponse(
      builder, group, result_of(first.cause), number_of(first.cause), lease_s, first.revision.value,
      list);
  return finish_frame(builder, address, fb::Body::GroupInformationSubscribeResponse, body.Union());
}

Bytes build_group_information_notify_request(const Address& address, std::string_view group_id,
                                             ExposedRevision revision,
                                             const GroupConfiguration* configuration,
                                             const std::vector<KeyEnvelope>* keys) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  Offset<fb::GroupConfiguration> packed;
  Offset<KeyEnvelopes> envelopes;
  if (configuration != nullptr) packed = pack(builder, *configuration, Alias::leave_out);
  if (configuration != nullptr && keys != nullptr) envelopes = pack(builder, *keys);
  const auto body = fb::CreateGroupInformationNotifyRequest(builder, group, revision.value, packed,
                                                            configuration == nullptr, envelopes);
  return finish_frame_with_keys(builder, address, fb::Body::GroupInformationNotifyRequest,
                                body.Union());
}

Bytes build_group_information_notify_response(const Address& address, std::string_view group_id,
                                              Cause cause) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto body =
      fb::CreateGroupInformationNotifyResponse(builder, group, result_of(cause), number_of(cause));
  return finish_frame(builder, address, fb::Body::GroupInformationNotifyResponse, body.Union());
}

}  // namespace bivouac::wire
