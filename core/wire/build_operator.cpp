// SPDX-License-Identifier: Apache-2.0
// What goes over the operator's socket: requests, and the answer that has nothing but an outcome.
#include "core/wire/configuration_codec.h"
#include "core/wire/key_envelope_codec.h"
#include "core/wire/operator_message.h"
#include "core/wire/user_profile_codec.h"

namespace bivouac::wire {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

Bytes build_status_request() {
  FlatBufferBuilder builder;
  return finish_operator_frame(builder, fb::CreateStatusRequest(builder));
}

Bytes build_watch_request() {
  FlatBufferBuilder builder;
  return finish_operator_frame(builder, fb::CreateWatchRequest(builder));
}

Bytes build_group_list_request() {
  FlatBufferBuilder builder;
  return finish_operator_frame(builder, fb::CreateGroupListRequest(builder));
}

Bytes build_group_show_request(std::string_view group_id) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  return finish_operator_frame(builder, fb::CreateGroupShowRequest(builder, group));
}

Bytes build_group_import_request(const GroupConfiguration& configuration) {
  FlatBufferBuilder builder;
  const auto packed = pack(builder, configuration);  // with an alias it is refused, visibly
  return finish_operator_frame(builder, fb::CreateGroupImportRequest(builder, packed));
}

Bytes build_group_remove_request(std::string_view group_id) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  return finish_operator_frame(builder, fb::CreateGroupRemoveRequest(builder, group));
}

Bytes build_group_push_request(std::string_view group_id, std::string_view partner) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto system = builder.CreateString(partner);
  return finish_operator_frame(builder, fb::CreateGroupPushRequest(builder, group, system));
}

Bytes build_group_fetch_request(std::string_view group_id, Services service) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  return finish_operator_frame(
      builder,
      fb::CreateGroupFetchRequest(builder, group, static_cast<fb::Services>(service.bits)));
}

Bytes build_user_import_request(const UserProfile& profile) {
  FlatBufferBuilder builder;
  const auto packed = pack(builder, profile);
  return finish_operator_frame(builder, fb::CreateUserImportRequest(builder, packed));
}

Bytes build_user_list_request() {
  FlatBufferBuilder builder;
  return finish_operator_frame(builder, fb::CreateUserListRequest(builder));
}

Bytes build_user_show_request(std::string_view mc_service_id) {
  FlatBufferBuilder builder;
  const auto user = builder.CreateString(mc_service_id);
  return finish_operator_frame(builder, fb::CreateUserShowRequest(builder, user));
}

Bytes build_user_remove_request(std::string_view mc_service_id) {
  FlatBufferBuilder builder;
  const auto user = builder.CreateString(mc_service_id);
  return finish_operator_frame(builder, fb::CreateUserRemoveRequest(builder, user));
}

Bytes build_group_keys_import_request(std::string_view group_id,
                                      std::span<const KeyEnvelope> envelopes) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto packed = pack(builder, envelopes);
  return finish_operator_frame(builder, fb::CreateGroupKeysImportRequest(builder, group, packed));
}

Bytes build_group_keys_list_request(std::string_view group_id) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  return finish_operator_frame(builder, fb::CreateGroupKeysListRequest(builder, group));
}

Bytes build_group_keys_remove_request(std::string_view group_id, GmkId gmk) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  return finish_operator_frame(builder,
                               fb::CreateGroupKeysRemoveRequest(builder, group, gmk.value));
}

Bytes build_group_subscribe_request(std::string_view group_id, std::uint32_t lease_s) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  return finish_operator_frame(builder, fb::CreateGroupSubscribeRequest(builder, group, lease_s));
}

Bytes build_group_unsubscribe_request(std::string_view group_id) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  return finish_operator_frame(builder, fb::CreateGroupUnsubscribeRequest(builder, group));
}

Bytes build_subscription_list_request(std::uint32_t after_group, std::uint32_t after_system) {
  FlatBufferBuilder builder;
  return finish_operator_frame(
      builder, fb::CreateSubscriptionListRequest(builder, after_group, after_system));
}

Bytes build_affiliation_list_request(const AffiliationQuestion& question) {
  FlatBufferBuilder builder;
  const auto optional = [&builder](const std::string& text) {
    return text.empty() ? Offset<flatbuffers::String>{} : builder.CreateString(text);
  };
  const auto user = optional(question.mc_service_id);
  const auto group = optional(question.group_id);
  return finish_operator_frame(
      builder,
      fb::CreateAffiliationListRequest(builder, user, group, question.pending, question.after_user,
                                       question.after_group, question.after_client));
}

Bytes build_operation_answer(fb::OutcomeKind outcome, Cause cause, std::string_view group_id,
                             GroupVersion version) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  return finish_operator_frame(
      builder, fb::CreateOperationAnswer(builder, outcome, static_cast<std::uint16_t>(cause), group,
                                         version.value));
}

}  // namespace bivouac::wire
