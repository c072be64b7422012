// SPDX-License-Identifier: Apache-2.0
#include "core/wire/validate.h"

#include "core/wire/check.h"
#include "core/wire/check_ends.h"

namespace bivouac::wire {
namespace {

using flatbuffers::String;

/// The configuration in a message about `group_id`, when there is one.
bool check_configuration_of(Check& check, const String* group_id,
                            const fb::GroupConfiguration* configuration,
                            const ConfigurationRules& rules) {
  return configuration == nullptr ||
         (check_configuration(check, *configuration, rules) &&
          check.in_range(configuration->group_id()->string_view() == group_id->string_view()));
}

/// A configuration or a withdrawal: one of them, and only one.
bool check_given_or_withdrawn(Check& check, const fb::GroupConfiguration* configuration,
                              bool withdrawn) {
  return check.that(configuration != nullptr || withdrawn, Cause::field_missing) &&
         check.in_range(configuration == nullptr || !withdrawn);
}

// ---- One function per message. Fixed by the verifier: `required` fields are there.

bool check_body(Check& check, const fb::Hello& m) {
  // The name of a system, or that of a user with the id of the client.
  const bool of_client = !text_of(m.client_id()).empty();
  return check.in_range(m.protocol_version() > 0) &&
         (of_client ? check.identity(m.system_id()) && check.client_id(m.client_id())
                    : check.system(m.system_id())) &&
         check.in_range(m.incarnation() > 0 &&
                        m.frame_bytes_max() >= limits::frame_bytes_before_hello_max);
}

bool check_body(Check&, const fb::Heartbeat&) { return true; }

bool check_body(Check& check, const fb::Refusal& m) { return check.in_range(m.cause() != 0); }

bool check_body(Check& check, const fb::GroupConfigurationProvisionRequest& m) {
  return check.identity(m.group_id()) && check.in_range(m.exposed_revision() > 0) &&
         check_given_or_withdrawn(check, m.configuration(), m.withdrawn()) &&
         check_configuration_of(check, m.group_id(), m.configuration(), between_systems);
}

bool check_body(Check& check, const fb::GroupConfigurationProvisionResponse& m) {
  return check.identity(m.group_id()) && check_outcome(check, m.result(), m.cause());
}

bool check_body(Check& check, const fb::GroupConfigurationRequest& m) {
  return check.identity(m.group_id()) && check.in_range(known_bits(m.services_requested()));
}

bool check_body(Check& check, const fb::GroupConfigurationResponse& m) {
  const bool success = m.result() == fb::Result::success;
  return check.identity(m.group_id()) && check_outcome(check, m.result(), m.cause()) &&
         check.in_range(success ? m.exposed_revision() > 0 : m.configuration() == nullptr) &&
         check_configuration_of(check, m.group_id(), m.configuration(), between_systems);
}

bool check_body(Check& check, const fb::GetGroupConfigurationRequest& m) {
  return check.identity(m.group_id()) && check.in_range(known_bits(m.services_requested()));
}

bool check_body(Check& check, const fb::GetGroupConfigurationResponse& m) {
  const bool success = m.result() == fb::Result::success;
  return check.identity(m.group_id()) && check_outcome(check, m.result(), m.cause()) &&
         (success ? check.present(m.configuration())
                  : check.in_range(m.configuration() == nullptr)) &&
         check_configuration_of(check, m.group_id(), m.configuration(), within_system);
}

bool check_body(Check& check, const fb::NotifyGroupConfigurationRequest& m) {
  return check.identity(m.group_id()) && check_one_service(check, m.service()) &&
         check_given_or_withdrawn(check, m.configuration(), m.withdrawn()) &&
         check_configuration_of(check, m.group_id(), m.configuration(), within_system);
}

bool check_body(Check& check, const fb::NotifyGroupConfigurationResponse& m) {
  return check.identity(m.group_id()) && check_outcome(check, m.result(), m.cause());
}

/// Strictly ascending behind the message's own group: no group twice, and one order only.
template <class Table>
bool check_further(Check& check, const String* group_id,
                   const flatbuffers::Vector<flatbuffers::Offset<Table>>* further) {
  if (!check.vector(further, limits::subscribe_groups_max - 1, Cause::too_many_elements))
    return false;
  std::string_view before = group_id->string_view();
  for (std::size_t i = 0; i < size_of(further); ++i) {
    const Table& one = *further->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (!check.identity(one.group_id()) || !check.in_range(before < one.group_id()->string_view()))
      return false;
    before = one.group_id()->string_view();
  }
  return true;
}

bool check_body(Check& check, const fb::GroupInformationSubscribeRequest& m) {
  return check.identity(m.group_id()) &&
         check.in_range(m.known_revision() == 0 || m.known_incarnation() != 0) &&
         check_further(check, m.group_id(), m.further());
}

bool check_body(Check& check, const fb::GroupInformationSubscribeResponse& m) {
  if (!check.identity(m.group_id()) || !check_outcome(check, m.result(), m.cause()) ||
      !check_further(check, m.group_id(), m.further()))
    return false;
  for (std::size_t i = 0; i < size_of(m.further()); ++i) {
    const auto& one = *m.further()->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (!check_outcome(check, one.result(), one.cause())) return false;
  }
  return true;
}

bool check_body(Check& check, const fb::GroupInformationNotifyRequest& m) {
  return check.identity(m.group_id()) && check.in_range(m.exposed_revision() > 0) &&
         check_given_or_withdrawn(check, m.configuration(), m.withdrawn()) &&
         check_configuration_of(check, m.group_id(), m.configuration(), between_systems) &&
         check.in_range(m.key_envelopes() == nullptr || !m.withdrawn()) &&
         check_key_envelopes(check, m.key_envelopes());
}

bool check_body(Check& check, const fb::GroupInformationNotifyResponse& m) {
  return check.identity(m.group_id()) && check_outcome(check, m.result(), m.cause());
}

bool check_body(Check& check, const fb::LogOnRequest& m) {
  return check.in_range(known_bits(m.services_requested()));
}

bool check_body(Check& check, const fb::LogOnResponse& m) {
  const bool success = m.result() == fb::Result::success;
  return check_outcome(check, m.result(), m.cause()) && check.in_range(known_bits(m.services())) &&
         (success ? check.present(m.profile()) &&
                        check.that(m.services() != fb::Services::NONE, Cause::field_missing) &&
                        check_profile(check, *m.profile(), complete_profile)
                  : check.in_range(m.profile() == nullptr));
}

bool check_body(Check&, const fb::LogOffRequest&) { return true; }

bool check_body(Check& check, const fb::LogOffResponse& m) {
  return check_outcome(check, m.result(), m.cause());
}

bool check_body(Check& check, const fb::ClientGetGroupConfigurationRequest& m) {
  return check.identity(m.group_id());
}

/// They come with a configuration only.
bool check_keys_of_client(
    Check& check, const fb::GroupConfiguration* configuration,
    const flatbuffers::Vector<flatbuffers::Offset<fb::KeyEnvelope>>* envelopes) {
  return check.in_range(envelopes == nullptr || configuration != nullptr) &&
         check_key_envelopes(check, envelopes);
}

bool check_body(Check& check, const fb::ClientGetGroupConfigurationResponse& m) {
  const bool success = m.result() == fb::Result::success;
  return check.identity(m.group_id()) && check_outcome(check, m.result(), m.cause()) &&
         (success ? check.present(m.configuration()) && check.in_range(m.digest() != 0)
                  : check.in_range(m.configuration() == nullptr)) &&
         check_configuration_of(check, m.group_id(), m.configuration(), within_system) &&
         check_keys_of_client(check, m.configuration(), m.key_envelopes());
}

bool check_body(Check& check, const fb::SubscribeGroupConfigurationRequest& m) {
  return check.identity(m.group_id()) && check.in_range(!m.unsubscribe() || m.known_digest() == 0);
}

bool check_body(Check& check, const fb::SubscribeGroupConfigurationResponse& m) {
  return check.identity(m.group_id()) && check_outcome(check, m.result(), m.cause());
}

bool check_body(Check& check, const fb::ClientNotifyGroupConfigurationRequest& m) {
  return check.identity(m.group_id()) && check.in_range(m.withdrawn() == (m.cause() != 0)) &&
         check.in_range(!m.withdrawn() || m.configuration() == nullptr) &&
         check.in_range(m.withdrawn() == (m.digest() == 0)) &&
         check_configuration_of(check, m.group_id(), m.configuration(), within_system) &&
         check_keys_of_client(check, m.configuration(), m.key_envelopes());
}

bool check_body(Check& check, const fb::ClientNotifyGroupConfigurationResponse& m) {
  return check.identity(m.group_id()) && check_outcome(check, m.result(), m.cause());
}

bool check_body(Check& check, const fb::PresenceRequest& m) {
  return check.in_range(m.protocol_version() > 0 && m.boots() > 0);
}

bool check_body(Check& check, const fb::PresenceResponse& m) {
  return check.in_range(m.protocol_version() > 0 && m.boots() > 0);
}

/// What a sign of life tells beside its body.
bool check_presence(Check& check, const fb::Envelope& e) {
  using fb::Body;
  if (e.body_type() != Body::PresenceRequest && e.body_type() != Body::PresenceResponse)
    return true;
  const bool answer = e.body_type() == Body::PresenceResponse;
  return check.that(!answer || e.answerer_incarnation() != 0, Cause::field_missing) &&
         check.in_range(e.frame_bytes_max() >= limits::frame_bytes_before_hello_max);
}

template <class Message>
Cause check_message(const fb::Envelope& envelope, const Message* message, Ends ends) {
  Check check;
  static_cast<void>(check.present(message) && check_ends(check, envelope, ends) &&
                    check_presence(check, envelope) && check_body(check, *message));
  return check.cause();
}

/// Those between an MC service client and the servers of its system.
Cause validate_client_message(const fb::Envelope& e) {
  constexpr Ends request = Ends::client_request;
  constexpr Ends answer = Ends::answer_to_client;
  if (const auto* m = e.body_as_LogOnRequest()) return check_message(e, m, request);
  if (const auto* m = e.body_as_LogOnResponse()) return check_message(e, m, answer);
  if (const auto* m = e.body_as_LogOffRequest()) return check_message(e, m, Ends::either_request);
  if (const auto* m = e.body_as_LogOffResponse()) return check_message(e, m, Ends::either_request);
  if (const auto* m = e.body_as_ClientGetGroupConfigurationRequest())
    return check_message(e, m, request);
  if (const auto* m = e.body_as_ClientGetGroupConfigurationResponse())
    return check_message(e, m, answer);
  if (const auto* m = e.body_as_SubscribeGroupConfigurationRequest())
    return check_message(e, m, request);
  if (const auto* m = e.body_as_SubscribeGroupConfigurationResponse())
    return check_message(e, m, answer);
  if (const auto* m = e.body_as_ClientNotifyGroupConfigurationRequest())
    return check_message(e, m, Ends::request_to_client);
  if (const auto* m = e.body_as_ClientNotifyGroupConfigurationResponse())
    return check_message(e, m, Ends::client_answer);
  return Cause::field_missing;  // the type without its table
}

}  // namespace

Cause validate(const fb::Envelope& e) {
  using fb::Body;
  constexpr Ends none = Ends::none;
  constexpr Ends request = Ends::request;
  constexpr Ends answer = Ends::answer;
  switch (e.body_type()) {
    case Body::Hello: return check_message(e, e.body_as_Hello(), none);
    case Body::Heartbeat: return check_message(e, e.body_as_Heartbeat(), none);
    case Body::Refusal: return check_message(e, e.body_as_Refusal(), Ends::either_answer);
    case Body::GroupConfigurationProvisionRequest:
      return check_message(e, e.body_as_GroupConfigurationProvisionRequest(), request);
    case Body::GroupConfigurationProvisionResponse:
      return check_message(e, e.body_as_GroupConfigurationProvisionResponse(), answer);
    case Body::GroupConfigurationRequest:
      return check_message(e, e.body_as_GroupConfigurationRequest(), request);
    case Body::GroupConfigurationResponse:
      return check_message(e, e.body_as_GroupConfigurationResponse(), answer);
    case Body::GetGroupConfigurationRequest:
      return check_message(e, e.body_as_GetGroupConfigurationRequest(), request);
    case Body::GetGroupConfigurationResponse:
      return check_message(e, e.body_as_GetGroupConfigurationResponse(), answer);
    case Body::NotifyGroupConfigurationRequest:
      return check_message(e, e.body_as_NotifyGroupConfigurationRequest(), request);
    case Body::NotifyGroupConfigurationResponse:
      return check_message(e, e.body_as_NotifyGroupConfigurationResponse(), answer);
    case Body::PresenceRequest: return check_message(e, e.body_as_PresenceRequest(), request);
    case Body::PresenceResponse: return check_message(e, e.body_as_PresenceResponse(), answer);
    case Body::GroupInformationSubscribeRequest:
      return check_message(e, e.body_as_GroupInformationSubscribeRequest(), request);
    case Body::GroupInformationSubscribeResponse:
      return check_message(e, e.body_as_GroupInformationSubscribeResponse(), answer);
    case Body::GroupInformationNotifyRequest:
      return check_message(e, e.body_as_GroupInformationNotifyRequest(), request);
    case Body::GroupInformationNotifyResponse:
      return check_message(e, e.body_as_GroupInformationNotifyResponse(), answer);
    case Body::LogOnRequest:
    case Body::LogOnResponse:
    case Body::LogOffRequest:
    case Body::LogOffResponse:
    case Body::ClientGetGroupConfigurationRequest:
    case Body::ClientGetGroupConfigurationResponse:
    case Body::SubscribeGroupConfigurationRequest:
    case Body::SubscribeGroupConfigurationResponse:
    case Body::ClientNotifyGroupConfigurationRequest:
    case Body::ClientNotifyGroupConfigurationResponse: return validate_client_message(e);
    case Body::ClientGroupAffiliationRequest:
    case Body::ClientGroupAffiliationResponse:
    case Body::GroupAffiliationRequest:
    case Body::GroupAffiliationResponse:
    case Body::GroupAffiliationStatusUpdate:
    case Body::ClientGroupDeaffiliationRequest:
    case Body::ClientGroupDeaffiliationResponse:
    case Body::GroupDeaffiliationRequest:
    case Body::GroupDeaffiliationResponse:
    case Body::GroupDeaffiliationStatusUpdate:
    case Body::ClientGroupDeaffiliationNotification:
    case Body::SubscribeAffiliationStatusRequest:
    case Body::SubscribeAffiliationStatusResponse:
    case Body::ClientNotifyAffiliationStatusRequest:
    case Body::ClientNotifyAffiliationStatusResponse:
    case Body::GroupAffiliationExchangeRequest:
    case Body::GroupAffiliationExchangeResponse:
    case Body::GroupAffiliationExchangeNotification: return validate_affiliation_message(e);
    case Body::NONE: break;
  }
  return Cause::message_unknown;  // the verifier lets every number pass that it does not know
}

Cause validate(const fb::GroupConfiguration& configuration) {
  Check check;
  static_cast<void>(check_configuration(check, configuration, within_system));
  return check.cause();
}

bool has_address(const fb::Envelope& envelope) {
  Check check;
  return check_ends(check, envelope, Ends::either_answer);
}

Cause outcome(fb::Result result, std::uint16_t cause) {
  if (result == fb::Result::success && cause == 0) return Cause::none;
  return cause == 0 ? Cause::value_out_of_range : static_cast<Cause>(cause);
}

}  // namespace bivouac::wire
