// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/wire/affiliation_codec.h"
#include "core/wire/build_affiliation.h"
#include "core/wire/inbound.h"

// What was accepted, built again by our own builders.

namespace bivouac::test {

inline DeaffiliationScope scope_of(wire::fb::DeaffiliationScope scope) {
  return static_cast<DeaffiliationScope>(scope);
}

template <class Message>
wire::AffiliatedClient affiliated_client(const Message& m) {
  const bool named = m.client_id() != nullptr;
  return {m.mc_service_id()->string_view(), named ? m.client_id()->string_view() : ""};
}

inline Cause cause_in(wire::fb::Result result, std::uint16_t cause) {
  return result == wire::fb::Result::success ? Cause::none : static_cast<Cause>(cause);
}

/// Between MC service servers, and to group management servers.
inline Bytes rebuilt_server_affiliation(const wire::Address& address, const wire::fb::Envelope& e) {
  if (const auto* m = e.body_as_GroupAffiliationRequest()) {
    return build_group_affiliation_request(address, affiliated_client(*m),
                                           wire::unpack(m->group_ids()),
                                           {static_cast<std::uint8_t>(m->services())});
  }
  if (const auto* m = e.body_as_GroupAffiliationResponse())
    return build_group_affiliation_response(address, affiliated_client(*m),
                                            wire::unpack(m->groups()));
  if (const auto* m = e.body_as_GroupDeaffiliationRequest()) {
    return build_group_deaffiliation_request(
        address, affiliated_client(*m), wire::unpack(m->group_ids()),
        m->by_mc_system() ? EndedBy::mc_system : EndedBy::user);
  }
  if (const auto* m = e.body_as_GroupDeaffiliationResponse())
    return build_group_deaffiliation_response(address, affiliated_client(*m),
                                              wire::unpack(m->groups()));
  if (const auto* m = e.body_as_GroupAffiliationStatusUpdate()) {
    return build_group_affiliation_status_update(address, m->mc_service_id()->string_view(),
                                                 wire::unpack(m->groups()));
  }
  const auto& m = *e.body_as_GroupDeaffiliationStatusUpdate();
  return build_group_deaffiliation_status_update(address, m.mc_service_id()->string_view(),
                                                 wire::unpack(m.groups()));
}

inline Bytes rebuilt_client_affiliation(const wire::Address& address, const wire::fb::Envelope& e) {
  if (const auto* m = e.body_as_ClientGroupAffiliationRequest()) {
    return build_client_group_affiliation_request(address, m->mc_service_id()->string_view(),
                                                  wire::unpack(m->group_ids()));
  }
  if (const auto* m = e.body_as_ClientGroupAffiliationResponse()) {
    return build_client_group_affiliation_response(address, m->mc_service_id()->string_view(),
                                                   wire::unpack(m->groups()));
  }
  if (const auto* m = e.body_as_ClientGroupDeaffiliationRequest()) {
    return build_client_group_deaffiliation_request(address, m->mc_service_id()->string_view(),
                                                    wire::unpack(m->group_ids()),
                                                    scope_of(m->scope()));
  }
  if (const auto* m = e.body_as_ClientGroupDeaffiliationResponse()) {
    return build_client_group_deaffiliation_response(address, m->mc_service_id()->string_view(),
                                                     wire::unpack(m->groups()),
                                                     scope_of(m->scope()));
  }
  const auto& m = *e.body_as_ClientGroupDeaffiliationNotification();
  return build_client_group_deaffiliation_notification(address, m.mc_service_id()->string_view(),
                                                       wire::unpack(m.groups()));
}

inline Bytes rebuilt_affiliation_status(const wire::Address& address, const wire::fb::Envelope& e) {
  if (const auto* m = e.body_as_SubscribeAffiliationStatusRequest()) {
    return build_subscribe_affiliation_status_request(address, m->mc_service_id()->string_view(),
                                                      m->unsubscribe());
  }
  if (const auto* m = e.body_as_SubscribeAffiliationStatusResponse()) {
    return build_subscribe_affiliation_status_response(address, m->mc_service_id()->string_view(),
                                                       cause_in(m->result(), m->cause()),
                                                       wire::unpack(m->groups()));
  }
  if (const auto* m = e.body_as_ClientNotifyAffiliationStatusRequest()) {
    if (m->cause() != 0) {
      return build_client_notify_affiliation_status_request(
          address, m->mc_service_id()->string_view(), static_cast<Cause>(m->cause()));
    }
    return build_client_notify_affiliation_status_request(
        address, m->mc_service_id()->string_view(), wire::unpack(m->groups()));
  }
  const auto& m = *e.body_as_ClientNotifyAffiliationStatusResponse();
  return build_client_notify_affiliation_status_response(address, m.mc_service_id()->string_view(),
                                                         cause_in(m.result(), m.cause()));
}

inline Bytes rebuilt_exchange(const wire::Address& address, const wire::fb::Envelope& e) {
  const auto text = [](const flatbuffers::String* s) {
    return s == nullptr ? std::string_view{} : s->string_view();
  };
  if (const auto* m = e.body_as_GroupAffiliationExchangeRequest()) {
    return build_group_affiliation_exchange_request(address, wire::unpack(m->users()),
                                                    text(m->after()), text(m->until()));
  }
  if (const auto* m = e.body_as_GroupAffiliationExchangeResponse()) {
    return build_group_affiliation_exchange_response(address, wire::unpack(m->users()),
                                                     text(m->until()));
  }
  return wire::build_group_affiliation_exchange_notification(address);
}

/// Empty for other messages.
inline Bytes rebuilt_affiliation(const wire::Address& address, const wire::fb::Envelope& e) {
  using wire::fb::Body;
  if (e.body_type() < Body::ClientGroupAffiliationRequest) return {};
  const std::string_view name = wire::fb::EnumNameBody(e.body_type());
  if (name.contains("Exchange")) return rebuilt_exchange(address, e);
  if (name.contains("AffiliationStatus") && !name.ends_with("Update"))
    return rebuilt_affiliation_status(address, e);
  return name.starts_with("Client") ? rebuilt_client_affiliation(address, e)
                                    : rebuilt_server_affiliation(address, e);
}

}  // namespace bivouac::test
