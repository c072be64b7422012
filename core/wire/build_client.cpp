// SPDX-License-Identifier: Apache-2.0
#include "core/wire/build_client.h"

#include "core/base/limits.h"
#include "core/wire/build_frame.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/key_envelope_codec.h"
#include "core/wire/user_profile_codec.h"

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
                                             const GroupConfiguration* configuration) {
  return configuration == nullptr ? Offset<fb::GroupConfiguration>{}
                                  : pack(builder, *configuration);
}

Offset<KeyEnvelopes> pack_if_any(FlatBufferBuilder& builder, std::span<const KeyEnvelope> keys) {
  return keys.empty() ? Offset<KeyEnvelopes>{} : pack(builder, keys);
}

}  // namespace

Bytes build_client_hello(std::string_view mc_service_id, std::string_view client_id,
                         Incarnation incarnation) {
  FlatBufferBuilder builder;
  const auto user = builder.CreateString(mc_service_id);
  const auto client = builder.CreateString(client_id);
  const auto body = fb::CreateHello(builder, protocol_version, user, incarnation.value,
                                    static_cast<std::uint32_t>(limits::frame_bytes_max), client);
  return finish_frame(builder, {}, fb::Body::Hello, body.Union());
}

Bytes build_log_on_request(const Address& address, Services services_requested) {
  FlatBufferBuilder builder;
  const auto body = fb::CreateLogOnRequest(builder, services_of(services_requested));
  return finish_frame(builder, address, fb::Body::LogOnRequest, body.Union());
}

Bytes build_log_on_response(const Address& address, Cause cause, Services services,
                            const UserProfile* profile) {
  FlatBufferBuilder builder;
  const auto packed = profile == nullptr ? Offset<fb::UserProfile>{} : pack(builder, *profile);
  const auto body = fb::CreateLogOnResponse(builder, result_of(cause), number_of(cause),
                                            services_of(services), packed);
  return finish_frame(builder, address, fb::Body::LogOnResponse, body.Union());
}

Bytes build_log_off_request(const Address& address, Cause cause) {
  FlatBufferBuilder builder;
  const auto body = fb::CreateLogOffRequest(builder, number_of(cause));
  return finish_frame(builder, address, fb::Body::LogOffRequest, body.Union());
}

Bytes build_log_off_response(const Address& address, Cause cause) {
  FlatBufferBuilder builder;
  const auto body = fb::CreateLogOffResponse(builder, result_of(cause), number_of(cause));
  return finish_frame(builder, address, fb::Body::LogOffResponse, body.Union());
}

Bytes build_client_get_group_configuration_request(const Address& address,
                                                   std::string_view group_id) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto body = fb::CreateClientGetGroupConfigurationRequest(builder, group);
  return finish_frame(builder, address, fb::Body::ClientGetGroupConfigurationRequest, body.Union());
}

Bytes build_client_get_group_configuration_response(const Address& address,
                                                    std::string_view group_id, Cause cause,
                                                    const GivenConfiguration& given) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto packed = pack_if_given(builder, given.configuration);
  const auto keys = pack_if_any(builder, given.keys);
  const auto body = fb::CreateClientGetGroupConfigurationResponse(
      builder, group, result_of(cause), number_of(cause), packed, given.digest, given.stale,
      given.age_ms, keys);
  return finish_frame_with_keys(builder, address, fb::Body::ClientGetGroupConfigurationResponse,
                                body.Union());
}

Bytes build_subscribe_group_configuration_request(const Address& address, std::string_view group_id,
                                                  std::uint64_t known_digest, bool unsubscribe) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto body =
      fb::CreateSubscribeGroupConfigurationRequest(builder, group, known_digest, unsubscribe);
  return finish_frame(builder, address, fb::Body::SubscribeGroupConfigurationRequest, body.Union());
}

Bytes build_subscribe_group_configuration_response(const Address& address,
                                                   std::string_view group_id, Cause cause) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto body = fb::CreateSubscribeGroupConfigurationResponse(builder, group, result_of(cause),
                                                                  number_of(cause));
  return finish_frame(builder, address, fb::Body::SubscribeGroupConfigurationResponse,
                      body.Union());
}

Bytes build_client_notify_group_configuration_request(const Address& address,
                                                      std::string_view group_id, Cause withdrawn,
                                                      const GivenConfiguration& given) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto packed = pack_if_given(builder, given.configuration);
  const auto keys = pack_if_any(builder, given.keys);
  const auto body = fb::CreateClientNotifyGroupConfigurationRequest(
      builder, group, packed, given.digest, given.stale, given.age_ms, withdrawn != Cause::none,
      number_of(withdrawn), keys);
  return finish_frame_with_keys(builder, address, fb::Body::ClientNotifyGroupConfigurationRequest,
                                body.Union());
}

Bytes build_client_notify_group_configuration_response(const Address& address,
                                                       std::string_view group_id, Cause cause) {
  FlatBufferBuilder builder;
  const auto group = builder.CreateString(group_id);
  const auto body = fb::CreateClientNotifyGroupConfigurationResponse(
      builder, group, result_of(cause), number_of(cause));
  return finish_frame(builder, address, fb::Body::ClientNotifyGroupConfigurationResponse,
                      body.Union());
}

}  // namespace bivouac::wire
