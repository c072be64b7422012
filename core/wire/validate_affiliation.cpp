// SPDX-License-Identifier: Apache-2.0
// What the schema cannot say of the messages of affiliation and de-affiliation (10.X.2).
#include "core/wire/check_ends.h"

namespace bivouac::wire {
namespace {

using flatbuffers::String;

bool check_scope(Check& check, fb::DeaffiliationScope scope) {
  return check.in_range(scope <= fb::DeaffiliationScope::MAX);
}

/// Of whom a message between two MC service servers speaks; without a client, of all of them.
bool check_affiliated(Check& check, const String* mc_service_id, const String* client_id) {
  return check.identity(mc_service_id) &&
         (text_of(client_id).empty() || check.client_id(client_id));
}

template <class... Status>
constexpr AffiliationRules statuses(Status... status) {
  AffiliationRules rules;
  rules.statuses = ((1U << number_of(status)) | ...);
  return rules;
}

using fb::AffiliationStatus;
constexpr AffiliationRules affiliation_answer = statuses(
    AffiliationStatus::rejected, AffiliationStatus::affiliated, AffiliationStatus::affiliating);
constexpr AffiliationRules deaffiliation_answer =
    statuses(AffiliationStatus::rejected, AffiliationStatus::deaffiliated,
             AffiliationStatus::deaffiliating, AffiliationStatus::not_affiliated);
constexpr AffiliationRules affiliation_update = statuses(AffiliationStatus::affiliated);
constexpr AffiliationRules deaffiliation_update = statuses(AffiliationStatus::deaffiliated);

/// All that there is of a user, which may be nothing.
constexpr AffiliationRules all_affiliations = [] {
  AffiliationRules rules = statuses(AffiliationStatus::affiliated, AffiliationStatus::affiliating,
                                    AffiliationStatus::deaffiliating);
  rules.groups_min = 0;
  rules.groups_max = limits::affiliations_per_user_max;
  rules.client_ids = true;
  return rules;
}();

bool check_body(Check& check, const fb::ClientGroupAffiliationRequest& m) {
  return check.identity(m.mc_service_id()) && check_group_ids(check, m.group_ids());
}

bool check_body(Check& check, const fb::ClientGroupAffiliationResponse& m) {
  return check.identity(m.mc_service_id()) &&
         check_affiliations(check, m.groups(), affiliation_answer);
}

bool check_body(Check& check, const fb::GroupAffiliationRequest& m) {
  return check_affiliated(check, m.mc_service_id(), m.client_id()) &&
         check_group_ids(check, m.group_ids()) && check.in_range(known_bits(m.services())) &&
         check.that(m.services() != fb::Services::NONE, Cause::field_missing);
}

bool check_body(Check& check, const fb::GroupAffiliationResponse& m) {
  return check_affiliated(check, m.mc_service_id(), m.client_id()) &&
         check_affiliations(check, m.groups(), affiliation_answer);
}

bool check_body(Check& check, const fb::GroupAffiliationStatusUpdate& m) {
  return check.identity(m.mc_service_id()) &&
         check_affiliations(check, m.groups(), affiliation_update);
}

bool check_body(Check& check, const fb::ClientGroupDeaffiliationRequest& m) {
  return check.identity(m.mc_service_id()) && check_scope(check, m.scope()) &&
         check_group_ids(check, m.group_ids());
}

bool check_body(Check& check, const fb::ClientGroupDeaffiliationResponse& m) {
  return check.identity(m.mc_service_id()) && check_scope(check, m.scope()) &&
         check_affiliations(check, m.groups(), deaffiliation_answer);
}

/// Without a client all of them are meant, and the scope must not say otherwise.
bool check_scope_of(Check& check, const String* client_id, fb::DeaffiliationScope scope) {
  const bool all = scope == fb::DeaffiliationScope::all_clients;
  return check_scope(check, scope) && check.in_range(all == text_of(client_id).empty());
}

bool check_body(Check& check, const fb::GroupDeaffiliationRequest& m) {
  return check_affiliated(check, m.mc_service_id(), m.client_id()) &&
         check_scope_of(check, m.client_id(), m.scope()) && check_group_ids(check, m.group_ids());
}

bool check_body(Check& check, const fb::GroupDeaffiliationResponse& m) {
  return check_affiliated(check, m.mc_service_id(), m.client_id()) &&
         check_scope_of(check, m.client_id(), m.scope()) &&
         check_affiliations(check, m.groups(), deaffiliation_answer);
}

bool check_body(Check& check, const fb::GroupDeaffiliationStatusUpdate& m) {
  return check.identity(m.mc_service_id()) &&
         check_affiliations(check, m.groups(), deaffiliation_update);
}

bool check_body(Check& check, const fb::ClientGroupDeaffiliationNotification& m) {
  return check.identity(m.mc_service_id()) &&
         check_affiliations(check, m.groups(), deaffiliation_update);
}

bool check_body(Check& check, const fb::SubscribeAffiliationStatusRequest& m) {
  return check.identity(m.mc_service_id());
}

bool check_body(Check& check, const fb::SubscribeAffiliationStatusResponse& m) {
  const bool success = m.result() == fb::Result::success;
  return check.identity(m.mc_service_id()) && check_outcome(check, m.result(), m.cause()) &&
         check.in_range(success || m.groups() == nullptr) &&
         check_affiliations(check, m.groups(), all_affiliations);
}

bool check_body(Check& check, const fb::ClientNotifyAffiliationStatusRequest& m) {
  return check.identity(m.mc_service_id()) &&
         check.in_range(m.cause() == 0 || m.groups() == nullptr) &&
         check_affiliations(check, m.groups(), all_affiliations);
}

bool check_body(Check& check, const fb::ClientNotifyAffiliationStatusResponse& m) {
  return check.identity(m.mc_service_id()) && check_outcome(check, m.result(), m.cause());
}

/// What a home of groups holds of a user, all of it settled.
constexpr AffiliationRules hosted_affiliations = [] {
  AffiliationRules rules = statuses(AffiliationStatus::affiliated);
  rules.groups_min = 0;
  rules.groups_max = limits::affiliations_per_user_max;
  rules.client_ids = true;
  return rules;
}();

/// Ascending, and each within the part of the order that the message is about.
template <class Users>
bool check_users(Check& check, const Users* users, std::string_view after, std::string_view until) {
  if (!check.vector(users, limits::exchanged_users_max, Cause::too_many_elements)) return false;
  std::string_view before = after;
  for (std::size_t i = 0; i < size_of(users); ++i) {
    const String* user = users->Get(static_cast<flatbuffers::uoffset_t>(i))->mc_service_id();
    if (!check.identity(user) || !check.in_range(before < text_of(user)) ||
        !check.in_range(until.empty() || text_of(user) <= until))
      return false;
    before = text_of(user);
  }
  return true;
}

bool check_body(Check& check, const fb::GroupAffiliationExchangeRequest& m) {
  const std::string_view after = text_of(m.after());
  const std::string_view until = text_of(m.until());
  return check.optional_identity(m.after()) && check.optional_identity(m.until()) &&
         check.in_range(until.empty() || after < until) &&
         check_users(check, m.users(), after, until);
}

bool check_body(Check& check, const fb::GroupAffiliationExchangeResponse& m) {
  if (!check.optional_identity(m.until()) || !check_users(check, m.users(), {}, text_of(m.until())))
    return false;
  for (std::size_t i = 0; i < size_of(m.users()); ++i) {
    const auto* user = m.users()->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (!check_affiliations(check, user->groups(), hosted_affiliations)) return false;
  }
  return true;
}

bool check_body(Check&, const fb::GroupAffiliationExchangeNotification&) { return true; }

template <class Message>
Cause check_message(const fb::Envelope& e, const Message* message, Ends ends) {
  Check check;
  static_cast<void>(check_ends(check, e, ends) && check_body(check, *message));
  return check.cause();
}

}  // namespace

Cause validate_affiliation_message(const fb::Envelope& e) {
  constexpr Ends from_client = Ends::client_request;
  constexpr Ends to_client = Ends::answer_to_client;
  constexpr Ends request = Ends::request;
  constexpr Ends answer = Ends::answer;
  if (const auto* m = e.body_as_ClientGroupAffiliationRequest())
    return check_message(e, m, from_client);
  if (const auto* m = e.body_as_ClientGroupAffiliationResponse())
    return check_message(e, m, to_client);
  if (const auto* m = e.body_as_ClientGroupDeaffiliationRequest())
    return check_message(e, m, from_client);
  if (const auto* m = e.body_as_ClientGroupDeaffiliationResponse())
    return check_message(e, m, to_client);
  if (const auto* m = e.body_as_ClientGroupDeaffiliationNotification())
    return check_message(e, m, Ends::request_to_client);
  if (const auto* m = e.body_as_SubscribeAffiliationStatusRequest())
    return check_message(e, m, from_client);
  if (const auto* m = e.body_as_SubscribeAffiliationStatusResponse())
    return check_message(e, m, to_client);
  if (const auto* m = e.body_as_ClientNotifyAffiliationStatusRequest())
    return check_message(e, m, Ends::request_to_client);
  if (const auto* m = e.body_as_ClientNotifyAffiliationStatusResponse())
    return check_message(e, m, Ends::client_answer);
  if (const auto* m = e.body_as_GroupAffiliationRequest()) return check_message(e, m, request);
  if (const auto* m = e.body_as_GroupAffiliationResponse()) return check_message(e, m, answer);
  if (const auto* m = e.body_as_GroupDeaffiliationRequest()) return check_message(e, m, request);
  if (const auto* m = e.body_as_GroupDeaffiliationResponse()) return check_message(e, m, answer);
  if (const auto* m = e.body_as_GroupAffiliationStatusUpdate()) return check_message(e, m, request);
  if (const auto* m = e.body_as_GroupDeaffiliationStatusUpdate())
    return check_message(e, m, request);
  if (const auto* m = e.body_as_GroupAffiliationExchangeRequest())
    return check_message(e, m, request);
  if (const auto* m = e.body_as_GroupAffiliationExchangeResponse())
    return check_message(e, m, answer);
  if (const auto* m = e.body_as_GroupAffiliationExchangeNotification())
    return check_message(e, m, request);
  return Cause::field_missing;  // the type without its table
}

}  // namespace bivouac::wire
