// SPDX-License-Identifier: Apache-2.0
// Any bytes as the body of a frame on a link. What is accepted can be built again by our builders,
// is accepted again, and then stays the same to the byte; what is refused is closed or kept
// according to its cause.
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/assert.h"
#include "core/base/identity.h"
#include "core/wire/build.h"
#include "core/wire/build_client.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/inbound.h"
#include "core/wire/key_envelope_codec.h"
#include "core/wire/user_profile_codec.h"
#include "core/wire/validate.h"
#include "tests/fuzz/rebuilt_affiliation.h"
#include "tests/support/wire_frames.h"

using namespace bivouac;
using namespace bivouac::wire;
using bivouac::test::WholeFrame;

namespace {

Address address_of(const fb::Envelope& e) {
  const auto text = [](const flatbuffers::String* s) {
    return s == nullptr ? std::string_view{} : s->string_view();
  };
  return {text(e.origin()),         text(e.target()),           {e.exchange()},
          {e.origin_incarnation()}, {e.answered_up_to()},       e.remaining_ms(),
          text(e.client_id()),      {e.answerer_incarnation()}, e.frame_bytes_max()};
}

std::optional<GroupConfiguration> unpacked(const fb::GroupConfiguration* table) {
  if (table == nullptr) return std::nullopt;
  GroupConfiguration configuration = unpack(*table);
  BIVOUAC_ASSERT(validate(configuration) == Cause::none);
  const Bytes stored = encode(configuration);
  BIVOUAC_ASSERT(decode(stored) == configuration);
  return configuration;
}

template <class Value>
const Value* pointer(const std::optional<Value>& value) {
  return value ? &*value : nullptr;
}

Services services(fb::Services bits) { return {static_cast<std::uint8_t>(bits)}; }

Bytes rebuilt_provision(const Address& address, const fb::GroupConfigurationProvisionRequest& m) {
  const auto configuration = unpacked(m.configuration());
  return build_group_configuration_provision_request(
      address, m.group_id()->string_view(), {m.exposed_revision()}, pointer(configuration));
}

Bytes rebuilt_notification(const Address& address, const fb::NotifyGroupConfigurationRequest& m) {
  const auto configuration = unpacked(m.configuration());
  for (const Service service : all_services) {
    if (!services(m.service()).has(service)) continue;
    return build_notify_group_configuration_request(address, m.group_id()->string_view(), service,
                                                    pointer(configuration));
  }
  assert_failed("exactly one service", __FILE__, __LINE__);
}

Bytes rebuilt_subscription(const Address& address, const fb::GroupInformationSubscribeRequest& m) {
  std::vector<SubscribedGroup> groups{{m.group_id()->str(), {m.known_revision()}}};
  if (m.further() != nullptr) {
    for (const auto* one : *m.further())
      groups.push_back({one->group_id()->str(), {one->known_revision()}});
  }
  return build_group_information_subscribe_request(
      address, groups, {m.lease_s(), m.interval_min_ms(), {m.known_incarnation()}});
}

Bytes rebuilt_news(const Address& address, const fb::GroupInformationNotifyRequest& m) {
  const auto configuration = unpacked(m.configuration());
  const std::vector<KeyEnvelope> keys = unpack(m.key_envelopes());
  return build_group_information_notify_request(address, m.group_id()->string_view(),
                                                {m.exposed_revision()}, pointer(configuration),
                                                m.key_envelopes() == nullptr ? nullptr : &keys);
}

Bytes rebuilt_acceptance(const Address& address, const fb::GroupInformationNotifyResponse& m) {
  return build_group_information_notify_response(address, m.group_id()->string_view(),
                                                 outcome(m.result(), m.cause()));
}

Bytes rebuilt_outcomes(const Address& address, const fb::GroupInformationSubscribeResponse& m) {
  std::vector<SubscriptionOutcome> outcomes{
      {m.group_id()->str(), outcome(m.result(), m.cause()), {m.exposed_revision()}}};
  if (m.further() != nullptr) {
    for (const auto* one : *m.further()) {
      outcomes.push_back({one->group_id()->str(),
                          outcome(one->result(), one->cause()),
                          {one->exposed_revision()}});
    }
  }
  return build_group_information_subscribe_response(address, m.lease_s(), outcomes);
}

Bytes rebuilt_log_on(const Address& address, const fb::Envelope& e) {
  if (const auto* m = e.body_as_LogOnRequest())
    return build_log_on_request(address, services(m->services_requested()));
  if (const auto* m = e.body_as_LogOnResponse()) {
    std::optional<UserProfile> profile;
    if (m->profile() != nullptr) profile = unpack(*m->profile());
    return build_log_on_response(address, outcome(m->result(), m->cause()), services(m->services()),
                                 profile ? &*profile : nullptr);
  }
  if (const auto* m = e.body_as_LogOffRequest())
    return build_log_off_request(address, static_cast<Cause>(m->cause()));
  const auto& m = *e.body_as_LogOffResponse();
  return build_log_off_response(address, outcome(m.result(), m.cause()));
}

Bytes rebuilt_information(const Address& address, const fb::Envelope& e) {
  if (const auto* m = e.body_as_GroupInformationSubscribeRequest())
    return rebuilt_subscription(address, *m);
  if (const auto* m = e.body_as_GroupInformationSubscribeResponse())
    return rebuilt_outcomes(address, *m);
  if (const auto* m = e.body_as_GroupInformationNotifyRequest()) return rebuilt_news(address, *m);
  return rebuilt_acceptance(address, *e.body_as_GroupInformationNotifyResponse());
}

Bytes rebuilt_presence(const Address& address, const fb::Envelope& e) {
  if (const auto* m = e.body_as_PresenceRequest())
    return build_presence_request(address, m->boots());
  return build_presence_response(address, e.body_as_PresenceResponse()->boots());
}

bool is_about_log_on(fb::Body type) {
  return type == fb::Body::LogOnRequest || type == fb::Body::LogOnResponse ||
         type == fb::Body::LogOffRequest || type == fb::Body::LogOffResponse;
}

Bytes rebuilt_for_client(const Address& address, const fb::Envelope& e) {
  if (is_about_log_on(e.body_type())) return rebuilt_log_on(address, e);
  if (const auto* m = e.body_as_ClientGetGroupConfigurationRequest())
    return build_client_get_group_configuration_request(address, m->group_id()->string_view());
  if (const auto* m = e.body_as_ClientGetGroupConfigurationResponse()) {
    const auto configuration = unpacked(m->configuration());
    const std::vector<KeyEnvelope> keys = unpack(m->key_envelopes());
    return build_client_get_group_configuration_response(
        address, m->group_id()->string_view(), outcome(m->result(), m->cause()),
        {pointer(configuration), m->digest(), m->stale(), m->age_ms(), keys});
  }
  if (const auto* m = e.body_as_SubscribeGroupConfigurationRequest()) {
    return build_subscribe_group_configuration_request(address, m->group_id()->string_view(),
                                                       m->known_digest(), m->unsubscribe());
  }
  if (const auto* m = e.body_as_SubscribeGroupConfigurationResponse()) {
    return build_subscribe_group_configuration_response(address, m->group_id()->string_view(),
                                                        outcome(m->result(), m->cause()));
  }
  if (const auto* m = e.body_as_ClientNotifyGroupConfigurationRequest()) {
    const auto configuration = unpacked(m->configuration());
    const std::vector<KeyEnvelope> keys = unpack(m->key_envelopes());
    return build_client_notify_group_configuration_request(
        address, m->group_id()->string_view(), static_cast<Cause>(m->cause()),
        {pointer(configuration), m->digest(), m->stale(), m->age_ms(), keys});
  }
  const auto& m = *e.body_as_ClientNotifyGroupConfigurationResponse();
  return build_client_notify_group_configuration_response(address, m.group_id()->string_view(),
                                                          outcome(m.result(), m.cause()));
}

Bytes rebuilt_hello(const fb::Hello& m) {
  if (m.client_id() != nullptr && m.client_id()->size() > 0) {
    return build_client_hello(m.system_id()->string_view(), m.client_id()->string_view(),
                              {m.incarnation()});
  }
  return build_hello(m.system_id()->string_view(), {m.incarnation()});
}

bool is_information(fb::Body type) {
  return type == fb::Body::GroupInformationSubscribeRequest ||
         type == fb::Body::GroupInformationSubscribeResponse ||
         type == fb::Body::GroupInformationNotifyRequest ||
         type == fb::Body::GroupInformationNotifyResponse;
}

Bytes rebuilt(const fb::Envelope& e) {
  const Address address = address_of(e);
  if (Bytes built = test::rebuilt_affiliation(address, e); !built.empty()) return built;
  if (e.body_type() >= fb::Body::LogOnRequest) return rebuilt_for_client(address, e);
  if (is_information(e.body_type())) return rebuilt_information(address, e);
  if (const auto* m = e.body_as_Hello()) return rebuilt_hello(*m);
  if (const auto* m = e.body_as_Heartbeat()) return build_heartbeat(m->sent_ms(), m->echo_ms());
  if (const auto* m = e.body_as_Refusal())
    return build_refusal(address, static_cast<Cause>(m->cause()));
  if (const auto* m = e.body_as_GroupConfigurationProvisionRequest())
    return rebuilt_provision(address, *m);
  if (const auto* m = e.body_as_GroupConfigurationProvisionResponse()) {
    return build_group_configuration_provision_response(address, m->group_id()->string_view(),
                                                        outcome(m->result(), m->cause()));
  }
  if (const auto* m = e.body_as_GroupConfigurationRequest()) {
    return build_group_configuration_request(address, m->group_id()->string_view(),
                                             services(m->services_requested()),
                                             {m->known_revision()});
  }
  if (const auto* m = e.body_as_GroupConfigurationResponse()) {
    const auto configuration = unpacked(m->configuration());
    return build_group_configuration_response(address, m->group_id()->string_view(),
                                              outcome(m->result(), m->cause()),
                                              {m->exposed_revision()}, pointer(configuration));
  }
  if (const auto* m = e.body_as_GetGroupConfigurationRequest()) {
    return build_get_group_configuration_request(address, m->group_id()->string_view(),
                                                 services(m->services_requested()), m->refresh());
  }
  if (const auto* m = e.body_as_GetGroupConfigurationResponse()) {
    const auto configuration = unpacked(m->configuration());
    return build_get_group_configuration_response(address, m->group_id()->string_view(),
                                                  outcome(m->result(), m->cause()),
                                                  pointer(configuration), m->stale_since_ms());
  }
  if (const auto* m = e.body_as_NotifyGroupConfigurationRequest())
    return rebuilt_notification(address, *m);
  if (const auto* m = e.body_as_NotifyGroupConfigurationResponse()) {
    return build_notify_group_configuration_response(address, m->group_id()->string_view(),
                                                     outcome(m->result(), m->cause()));
  }
  BIVOUAC_ASSERT(e.body_type() == fb::Body::PresenceRequest ||
                 e.body_type() == fb::Body::PresenceResponse);
  return rebuilt_presence(address, e);
}

bool is_closing(Cause cause) {
  return cause == Cause::frame_identifier || cause == Cause::envelope_malformed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const WholeFrame received = WholeFrame::around({data, size});
  const auto inbound = verify(received.frame());
  if (!inbound) {
    const Rejected& rejected = inbound.error();
    BIVOUAC_ASSERT(rejected.cause != Cause::none);
    BIVOUAC_ASSERT(rejected.close == is_closing(rejected.cause));
    if (rejected.envelope != nullptr) {
      const Address answer = answer_to(*rejected.envelope, {});
      const WholeFrame refusal(build_refusal(answer, rejected.cause));
      BIVOUAC_ASSERT(verify(refusal.frame()).has_value());
    }
    return 0;
  }
  const Bytes once = rebuilt(*inbound->envelope);
  const WholeFrame again(once);
  const auto second = verify(again.frame());
  BIVOUAC_ASSERT(second.has_value());
  BIVOUAC_ASSERT(second->envelope->body_type() == inbound->envelope->body_type());
  BIVOUAC_ASSERT(rebuilt(*second->envelope) == once);
  return 0;
}
