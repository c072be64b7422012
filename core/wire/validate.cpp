// SPDX-License-Identifier: Apache-2.0
#include "core/wire/validate.h"

#include "core/wire/check.h"

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

bool check_outcome(Check& check, fb::Result result, std::uint16_t cause) {
  return check.in_range((result == fb::Result::success) == (cause == 0));
}

/// A configuration or a withdrawal: one of them, and only one.
bool check_given_or_withdrawn(Check& check, const fb::GroupConfiguration* configuration,
                              bool withdrawn) {
  return check.that(configuration != nullptr || withdrawn, Cause::field_missing) &&
         check.in_range(configuration == nullptr || !withdrawn);
}

// ---- One function per message. Fixed by the verifier: `required` fields are there.

bool check_body(Check& check, const fb::Hello& m) {
  return check.in_range(m.protocol_version() > 0) && check.system(m.system_id()) &&
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
         check_configuration_of(check, m.group_id(), m.configuration(), between_systems);
}

bool check_body(Check& check, const fb::GroupInformationNotifyResponse& m) {
  return check.identity(m.group_id()) && check_outcome(check, m.result(), m.cause());
}

enum class Address : std::uint8_t { none, request, answer };

/// Sessions (Hello, Heartbeat) concern two neighbours and bear no address.
bool check_address(Check& check, const fb::Envelope& e, Address address) {
  if (address == Address::none)
    return check.optional_system(e.origin()) && check.optional_system(e.target());
  return check.system(e.origin()) && check.system(e.target()) &&
         check.that(e.exchange() != 0 && e.origin_incarnation() != 0, Cause::field_missing) &&
         check.in_range(address == Address::answer || e.answered_up_to() < e.exchange());
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
Cause check_message(const fb::Envelope& envelope, const Message* message, Address address) {
  Check check;
  static_cast<void>(check.present(message) && check_address(check, envelope, address) &&
                    check_presence(check, envelope) && check_body(check, *message));
  return check.cause();
}

}  // namespace

Cause validate(const fb::Envelope& e) {
  using fb::Body;
  constexpr Address none = Address::none;
  constexpr Address request = Address::request;
  constexpr Address answer = Address::answer;
  switch (e.body_type()) {
    case Body::Hello: return check_message(e, e.body_as_Hello(), none);
    case Body::Heartbeat: return check_message(e, e.body_as_Heartbeat(), none);
    case Body::Refusal: return check_message(e, e.body_as_Refusal(), answer);
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
  return check_address(check, envelope, Address::answer);
}

Cause outcome(fb::Result result, std::uint16_t cause) {
  if (result == fb::Result::success && cause == 0) return Cause::none;
  return cause == 0 ? Cause::value_out_of_range : static_cast<Cause>(cause);
}

}  // namespace bivouac::wire
