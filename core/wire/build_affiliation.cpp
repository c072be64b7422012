// SPDX-License-Identifier: Apache-2.0
#include "core/wire/build_affiliation.h"

#include "core/base/assert.h"
#include "core/base/limits.h"
#include "core/wire/affiliation_codec.h"
#include "core/wire/build_frame.h"

namespace bivouac::wire {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::String;

/// The parts that most of these messages have.
struct Parts {
  Offset<String> user;
  Offset<GroupIds> group_ids;
  Offset<GroupAffiliations> groups;
  Offset<String> client;
};

void assert_size(std::size_t size) {
  BIVOUAC_ASSERT(size > 0 && size <= limits::affiliation_groups_max);
}

Parts pack_parts(FlatBufferBuilder& builder, std::string_view mc_service_id, GroupIdList group_ids,
                 std::string_view client_id = {}) {
  assert_size(group_ids.size());
  Parts parts;
  parts.user = builder.CreateString(mc_service_id);
  parts.group_ids = pack(builder, group_ids);
  if (!client_id.empty()) parts.client = builder.CreateString(client_id);
  return parts;
}

Parts pack_parts(FlatBufferBuilder& builder, std::string_view mc_service_id,
                 GroupAffiliationList groups, std::string_view client_id = {}) {
  assert_size(groups.size());
  Parts parts;
  parts.user = builder.CreateString(mc_service_id);
  parts.groups = pack(builder, groups);
  if (!client_id.empty()) parts.client = builder.CreateString(client_id);
  return parts;
}

fb::DeaffiliationScope scope_of(DeaffiliationScope scope) {
  return static_cast<fb::DeaffiliationScope>(scope);
}

fb::DeaffiliationScope scope_of(const AffiliatedClient& client) {
  return client.client_id.empty() ? fb::DeaffiliationScope::all_clients
                                  : fb::DeaffiliationScope::this_client;
}

fb::Result result_of(Cause cause) {
  return cause == Cause::none ? fb::Result::success : fb::Result::failure;
}

std::uint16_t number_of(Cause cause) { return static_cast<std::uint16_t>(cause); }

}  // namespace

Bytes build_client_group_affiliation_request(const Address& address, std::string_view mc_service_id,
                                             GroupIdList group_ids) {
  FlatBufferBuilder builder;
  const Parts parts = pack_parts(builder, mc_service_id, group_ids);
  const auto body = fb::CreateClientGroupAffiliationRequest(builder, parts.user, parts.group_ids);
  return finish_frame(builder, address, fb::Body::ClientGroupAffiliationRequest, body.Union());
}

Bytes build_client_group_affiliation_response(const Address& address,
                                              std::string_view mc_service_id,
                                              GroupAffiliationList groups) {
  FlatBufferBuilder builder;
  const Parts parts = pack_parts(builder, mc_service_id, groups);
  const auto body = fb::CreateClientGroupAffiliationResponse(builder, parts.user, parts.groups);
  return finish_frame(builder, address, fb::Body::ClientGroupAffiliationResponse, body.Union());
}

Bytes build_client_group_deaffiliation_request(const Address& address,
                                               std::string_view mc_service_id,
                                               GroupIdList group_ids, DeaffiliationScope scope) {
  FlatBufferBuilder builder;
  const Parts parts = pack_parts(builder, mc_service_id, group_ids);
  const auto body = fb::CreateClientGroupDeaffiliationRequest(builder, parts.user, parts.group_ids,
                                                              scope_of(scope));
  return finish_frame(builder, address, fb::Body::ClientGroupDeaffiliationRequest, body.Union());
}

Bytes build_client_group_deaffiliation_response(const Address& address,
                                                std::string_view mc_service_id,
                                                GroupAffiliationList groups,
                                                DeaffiliationScope scope) {
  FlatBufferBuilder builder;
  const Parts parts = pack_parts(builder, mc_service_id, groups);
  const auto body = fb::CreateClientGroupDeaffiliationResponse(builder, parts.user, parts.groups,
                                                               scope_of(scope));
  return finish_frame(builder, address, fb::Body::ClientGroupDeaffiliationResponse, body.Union());
}

Bytes build_client_group_deaffiliation_notification(const Address& address,
                                                    std::string_view mc_service_id,
                                                    GroupAffiliationList groups) {
  FlatBufferBuilder builder;
  const Parts parts = pack_parts(builder, mc_service_id, groups);
  const auto body =
      fb::CreateClientGroupDeaffiliationNotification(builder, parts.user, parts.groups);
  return finish_frame(builder, address, fb::Body::ClientGroupDeaffiliationNotification,
                      body.Union());
}

Bytes build_subscribe_affiliation_status_request(const Address& address,
                                                 std::string_view mc_service_id, bool unsubscribe) {
  FlatBufferBuilder builder;
  const auto user = builder.CreateString(mc_service_id);
  const auto body = fb::CreateSubscribeAffiliationStatusRequest(builder, user, unsubscribe);
  return finish_frame(builder, address, fb::Body::SubscribeAffiliationStatusRequest, body.Union());
}

Bytes build_subscribe_affiliation_status_response(const Address& address,
                                                  std::string_view mc_service_id, Cause cause,
                                                  GroupAffiliationList groups) {
  FlatBufferBuilder builder;
  const auto user = builder.CreateString(mc_service_id);
  const auto list = groups.empty() ? Offset<GroupAffiliations>{} : pack(builder, groups);
  const auto body = fb::CreateSubscribeAffiliationStatusResponse(builder, user, result_of(cause),
                                                                 number_of(cause), list);
  return finish_frame(builder, address, fb::Body::SubscribeAffiliationStatusResponse, body.Union());
}

Bytes build_client_notify_affiliation_status_request(const Address& address,
                                                     std::string_view mc_service_id,
                                                     GroupAffiliationList groups) {
  FlatBufferBuilder builder;
  const auto user = builder.CreateString(mc_service_id);
  const auto list = groups.empty() ? Offset<GroupAffiliations>{} : pack(builder, groups);
  const auto body = fb::CreateClientNotifyAffiliationStatusRequest(builder, user, list);
  return finish_frame(builder, address, fb::Body::ClientNotifyAffiliationStatusRequest,
                      body.Union());
}

Bytes build_client_notify_affiliation_status_request(const Address& address,
                                                     std::string_view mc_service_id, Cause ended) {
  FlatBufferBuilder builder;
  const auto user = builder.CreateString(mc_service_id);
  const auto body =
      fb::CreateClientNotifyAffiliationStatusRequest(builder, user, {}, number_of(ended));
  return finish_frame(builder, address, fb::Body::ClientNotifyAffiliationStatusRequest,
                      body.Union());
}

Bytes build_client_notify_affiliation_status_response(const Address& address,
                                                      std::string_view mc_service_id, Cause cause) {
  FlatBufferBuilder builder;
  const auto user = builder.CreateString(mc_service_id);
  const auto body = fb::CreateClientNotifyAffiliationStatusResponse(builder, user, result_of(cause),
                                                                    number_of(cause));
  return finish_frame(builder, address, fb::Body::ClientNotifyAffiliationStatusResponse,
                      body.Union());
}

Bytes build_group_affiliation_request(const Address& address, const AffiliatedClient& client,
                                      GroupIdList group_ids, Services services) {
  FlatBufferBuilder builder;
  const Parts parts = pack_parts(builder, client.mc_service_id, group_ids, client.client_id);
  const auto body = fb::CreateGroupAffiliationRequest(
      builder, parts.user, parts.group_ids, parts.client, static_cast<fb::Services>(services.bits));
  return finish_frame(builder, address, fb::Body::GroupAffiliationRequest, body.Union());
}

Bytes build_group_affiliation_response(const Address& address, const AffiliatedClient& client,
                                       GroupAffiliationList groups) {
  FlatBufferBuilder builder;
  const Parts parts = pack_parts(builder, client.mc_service_id, groups, client.client_id);
  const auto body =
      fb::CreateGroupAffiliationResponse(builder, parts.user, parts.groups, parts.client);
  return finish_frame(builder, address, fb::Body::GroupAffiliationResponse, body.Union());
}

Bytes build_group_deaffiliation_request(const Address& address, const AffiliatedClient& client,
                                        GroupIdList group_ids, EndedBy by) {
  FlatBufferBuilder builder;
  const Parts parts = pack_parts(builder, client.mc_service_id, group_ids, client.client_id);
  const auto body =
      fb::CreateGroupDeaffiliationRequest(builder, parts.user, parts.group_ids, parts.client,
                                          scope_of(client), by == EndedBy::mc_system);
  return finish_frame(builder, address, fb::Body::GroupDeaffiliationRequest, body.Union());
}

Bytes build_group_deaffiliation_response(const Address& address, const AffiliatedClient& client,
                                         GroupAffiliationList groups) {
  FlatBufferBuilder builder;
  const Parts parts = pack_parts(builder, client.mc_service_id, groups, client.client_id);
  const auto body = fb::CreateGroupDeaffiliationResponse(builder, parts.user, parts.groups,
                                                         parts.client, scope_of(client));
  return finish_frame(builder, address, fb::Body::GroupDeaffiliationResponse, body.Union());
}

Bytes build_group_affiliation_exchange_request(const Address& address,
                                               std::span<const AffiliatedUser> users,
                                               std::string_view after, std::string_view until) {
  BIVOUAC_ASSERT(users.size() <= limits::exchanged_users_max);
  FlatBufferBuilder builder;
  const auto body = fb::CreateGroupAffiliationExchangeRequest(
      builder, pack(builder, users), builder.CreateString(after), builder.CreateString(until));
  return finish_frame(builder, address, fb::Body::GroupAffiliationExchangeRequest, body.Union());
}

Bytes build_group_affiliation_exchange_response(const Address& address,
                                                std::span<const HostedUser> users,
                                                std::string_view until) {
  BIVOUAC_ASSERT(users.size() <= limits::exchanged_users_max);
  FlatBufferBuilder builder;
  const auto body = fb::CreateGroupAffiliationExchangeResponse(builder, pack(builder, users),
                                                               builder.CreateString(until));
  return finish_frame(builder, address, fb::Body::GroupAffiliationExchangeResponse, body.Union());
}

Bytes build_group_affiliation_exchange_notification(const Address& address) {
  FlatBufferBuilder builder;
  const auto body = fb::CreateGroupAffiliationExchangeNotification(builder);
  return finish_frame(builder, address, fb::Body::GroupAffiliationExchangeNotification,
                      body.Union());
}

Bytes build_group_affiliation_status_update(const Address& address, std::string_view mc_service_id,
                                            GroupAffiliationList groups) {
  FlatBufferBuilder builder;
  const Parts parts = pack_parts(builder, mc_service_id, groups);
  const auto body = fb::CreateGroupAffiliationStatusUpdate(builder, parts.user, parts.groups);
  return finish_frame(builder, address, fb::Body::GroupAffiliationStatusUpdate, body.Union());
}

Bytes build_group_deaffiliation_status_update(const Address& address,
                                              std::string_view mc_service_id,
                                              GroupAffiliationList groups) {
  FlatBufferBuilder builder;
  const Parts parts = pack_parts(builder, mc_service_id, groups);
  const auto body = fb::CreateGroupDeaffiliationStatusUpdate(builder, parts.user, parts.groups);
  return finish_frame(builder, address, fb::Body::GroupDeaffiliationStatusUpdate, body.Union());
}

}  // namespace bivouac::wire
