// SPDX-License-Identifier: Apache-2.0
#include "core/base/assert.h"
#include "core/wire/build.h"
#include "core/wire/build_frame.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::wire {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

fb::Result result_of(Cause cause) {
  return cause == Cause::none ? fb::Result::success : fb::Result::failure;
}

std::uint16_t number_of(Cause cause) { return static_cast<std::uint16_t>(cause); }

fb::Services services_of(Services services) { return static_cast<fb::Services>(services.bits); }

Offset<fb::GroupConfiguration> pack_if_given(FlatBufferBuilder& builder,
                                             const GroupConfiguration* configuration, Alias alias) {
  return configuration == nullptr ? Offset<fb::GroupConfiguration>{}
                                  : pack(builder, *configuration, alias);
}

}  // namespace

Bytes build_group_configuration_provision_request(const Address& address, std::string_view group_id,
                                                  ExposedRevision revision,
                                                  const GroupConfiguration* configuration) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto packed = pack_if_given(builder, configuration, Alias::leave_out);
  const auto body = fb::CreateGroupConfigurationProvisionRequest(builder, group, revision.value,
                                                                 packed, configuration == nullptr);
  return finish_frame(builder, address, fb::Body::GroupConfigurationProvisionRequest, body.Union());
}

Bytes build_group_configuration_provision_response(const Address& address,
                                                   std::string_view group_id, Cause cause) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto body = fb::CreateGroupConfigurationProvisionResponse(builder, group, result_of(cause),
                                                                  number_of(cause));
  return finish_frame(builder, address, fb::Body::GroupConfigurationProvisionResponse,
                      body.Union());
}

Bytes build_group_configuration_request(const Address& address, std::string_view group_id,
                                        Services services_requested, ExposedRevision known) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto body = fb::CreateGroupConfigurationRequest(
      builder, group, services_of(services_requested), known.value);
  return finish_frame(builder, address, fb::Body::GroupConfigurationRequest, body.Union());
}

Bytes build_group_configuration_response(const Address& address, std::string_view group_id,
                                         Cause cause, ExposedRevision revision,
                                         const GroupConfiguration* configuration) {
  if (cause != Cause::none) configuration = nullptr;  // a failure shows nothing of the group
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto packed = pack_if_given(builder, configuration, Alias::leave_out);
  const auto body =
      fb::CreateGroupConfigurationResponse(builder, group, result_of(cause), number_of(cause),
                                           cause == Cause::none ? revision.value : 0, packed);
  return finish_frame(builder, address, fb::Body::GroupConfigurationResponse, body.Union());
}

Bytes build_get_group_configuration_request(const Address& address, std::string_view group_id,
                                            Services services_requested, bool refresh) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto body = fb::CreateGetGroupConfigurationRequest(
      builder, group, services_of(services_requested), refresh);
  return finish_frame(builder, address, fb::Body::GetGroupConfigurationRequest, body.Union());
}

Bytes build_get_group_configuration_response(const Address& address, std::string_view group_id,
                                             Cause cause, const GroupConfiguration* configuration,
                                             std::uint64_t stale_since_ms) {
  if (cause != Cause::none) configuration = nullptr;
  BIVOUAC_ASSERT(cause != Cause::none || configuration != nullptr);
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto packed = pack_if_given(builder, configuration, Alias::keep);
  const auto body = fb::CreateGetGroupConfigurationResponse(
      builder, group, result_of(cause), number_of(cause), packed, stale_since_ms);
  return finish_frame(builder, address, fb::Body::GetGroupConfigurationResponse, body.Union());
}

Bytes build_notify_group_configuration_request(const Address& address, std::string_view group_id,
                                               Service service,
                                               const GroupConfiguration* configuration) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto packed = pack_if_given(builder, configuration, Alias::keep);
  const auto body = fb::CreateNotifyGroupConfigurationRequest(
      builder, group, services_of(Services::of(service)), packed, configuration == nullptr);
  return finish_frame(builder, address, fb::Body::NotifyGroupConfigurationRequest, body.Union());
}

Bytes build_notify_group_configuration_response(const Address& address, std::string_view group_id,
                                                Cause cause) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto body = fb::CreateNotifyGroupConfigurationResponse(builder, group, result_of(cause),
                                                               number_of(cause));
  return finish_frame(builder, address, fb::Body::NotifyGroupConfigurationResponse, body.Union());
}

}  // namespace bivouac::wire
