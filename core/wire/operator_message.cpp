// SPDX-License-Identifier: Apache-2.0
#include "core/wire/operator_message.h"

#include "core/base/limits.h"
#include "core/wire/build_frame.h"
#include "core/wire/check.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/key_envelope_codec.h"
#include "core/wire/structure.h"
#include "core/wire/user_profile_codec.h"

namespace bivouac::wire {
namespace {

using fb::OperatorBody;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

// ---- Requests: from the command to the daemon, which believes none of it.

bool check_body(Check&, const fb::StatusRequest&) { return true; }
bool check_body(Check&, const fb::WatchRequest&) { return true; }
bool check_body(Check&, const fb::GroupListRequest&) { return true; }

bool check_body(Check& check, const fb::GroupShowRequest& m) {
  return check.identity(m.group_id());
}

bool check_body(Check& check, const fb::GroupImportRequest& m) {
  return check.present(m.configuration()) &&
         check_configuration(check, *m.configuration(), from_operator);
}

bool check_body(Check& check, const fb::GroupRemoveRequest& m) {
  return check.identity(m.group_id());
}

bool check_body(Check& check, const fb::GroupPushRequest& m) {
  return check.identity(m.group_id()) && check.optional_system(m.partner());
}

bool check_body(Check& check, const fb::GroupFetchRequest& m) {
  return check.identity(m.group_id()) &&
         (m.service() == fb::Services::NONE || check_one_service(check, m.service()));
}

bool check_body(Check& check, const fb::UserImportRequest& m) {
  return check.present(m.profile()) && check_profile(check, *m.profile(), profile_from_operator);
}

bool check_body(Check&, const fb::UserListRequest&) { return true; }

bool check_body(Check& check, const fb::UserShowRequest& m) {
  return check.identity(m.mc_service_id());
}

bool check_body(Check& check, const fb::UserRemoveRequest& m) {
  return check.identity(m.mc_service_id());
}
bool check_body(Check& check, const fb::GroupSubscribeRequest& m) {
  return check.identity(m.group_id());
}

bool check_body(Check& check, const fb::GroupUnsubscribeRequest& m) {
  return check.identity(m.group_id());
}

bool check_body(Check&, const fb::SubscriptionListRequest&) { return true; }

bool check_body(Check& check, const fb::AffiliationListRequest& m) {
  return check.optional_identity(m.mc_service_id()) && check.optional_identity(m.group_id());
}

bool check_body(Check& check, const fb::GroupKeysImportRequest& m) {
  return check.identity(m.group_id()) && check.present(m.envelopes()) &&
         check.in_range(m.envelopes()->size() != 0) && check_key_envelopes(check, m.envelopes());
}

bool check_body(Check& check, const fb::GroupKeysListRequest& m) {
  return check.identity(m.group_id());
}

bool check_body(Check& check, const fb::GroupKeysRemoveRequest& m) {
  return check.identity(m.group_id());
}

// ---- Answers: from the daemon to the command, checked so far that reading and printing is safe.

constexpr std::size_t lines_max = 4096;  // of a list in a status

bool printable(Check& check, const flatbuffers::String* text) {
  return check.that(is_clean_text(text_of(text)), Cause::text_malformed);
}

bool check_element(Check& check, const flatbuffers::String& text) {
  return printable(check, &text);
}

bool check_element(Check& check, const fb::PartnerOutcome& m) {
  return printable(check, m.system_id()) && check.in_range(m.outcome() <= fb::OutcomeKind::MAX);
}

bool check_element(Check& check, const fb::GroupSummary& m) {
  return printable(check, m.group_id()) && printable(check, m.display_name()) &&
         printable(check, m.home_system());
}

bool check_element(Check& check, const fb::ExposureState& m) {
  return printable(check, m.system_id());
}

bool check_element(Check& check, const fb::SubscriptionState& m) {
  return printable(check, m.group_id()) && printable(check, m.system_id());
}

bool check_element(Check& check, const fb::SubscribedState& m) {
  return printable(check, m.group_id()) && printable(check, m.home_system()) &&
         check.in_range(m.wish() <= fb::SubscriptionWish::MAX);
}

bool check_element(Check& check, const fb::StaleGroup& m) {
  return printable(check, m.group_id()) && printable(check, m.home_system());
}

bool check_element(Check& check, const fb::NamedCount& m) { return printable(check, m.name()); }

bool check_element(Check& check, const fb::LinkStatus& m) {
  return printable(check, m.system_id()) && printable(check, m.address()) &&
         printable(check, m.tls_version());
}

bool check_element(Check& check, const fb::UserSummary& m) {
  return printable(check, m.mc_service_id()) && check.in_range(known_bits(m.services()));
}

bool check_element(Check& check, const fb::KeySummary& m) {
  return printable(check, m.recipient());
}

bool check_element(Check& check, const fb::ClientStatus& m) {
  return printable(check, m.mc_service_id()) && printable(check, m.client_id()) &&
         printable(check, m.address()) && check.in_range(known_bits(m.services()));
}

bool check_element(Check& check, const fb::AffiliationState& m) {
  for (const auto* text : {m.mc_service_id(), m.user_home(), m.client_id(), m.group_id(),
                           m.group_home(), m.changed_by()}) {
    if (!printable(check, text)) return false;
  }
  return check.in_range(m.status() <= fb::AffiliationStatus::MAX) &&
         check.in_range(known_bits(m.services()));
}

template <class Table>
bool check_list(Check& check, const flatbuffers::Vector<Offset<Table>>* list,
                std::size_t count_max) {
  if (!check.vector(list, count_max, Cause::too_many_elements)) return false;
  for (std::size_t i = 0; i < size_of(list); ++i) {
    if (!check_element(check, *list->Get(static_cast<flatbuffers::uoffset_t>(i)))) return false;
  }
  return true;
}

bool check_body(Check& check, const fb::OperationAnswer& m) {
  return check.in_range(m.outcome() <= fb::OutcomeKind::MAX) && printable(check, m.group_id()) &&
         check_list(check, m.partners(), limits::partners_max);
}

bool check_body(Check& check, const fb::GroupListAnswer& m) {
  return check_list(check, m.groups(), limits::groups_max);
}

bool check_body(Check& check, const fb::SubscriptionListAnswer& m) {
  return check_list(check, m.notified(), subscriptions_page_max) &&
         check_list(check, m.subscribed(), limits::wishes_max + limits::groups_max);
}

bool check_body(Check& check, const fb::AffiliationListAnswer& m) {
  return printable(check, m.user_home()) &&
         check_list(check, m.affiliations(), affiliations_page_max);
}

bool check_body(Check& check, const fb::GroupShowAnswer& m) {
  return (m.summary() == nullptr || check_element(check, *m.summary())) &&
         (m.original() == nullptr || check_configuration(check, *m.original(), within_system)) &&
         (m.effective() == nullptr || check_configuration(check, *m.effective(), within_system)) &&
         check_list(check, m.exposures(), limits::partners_max) &&
         check.in_range(known_bits(m.services_notified()));
}

bool check_body(Check& check, const fb::StatusAnswer& m) {
  return printable(check, m.system_id()) && check_list(check, m.links(), limits::connections_max) &&
         check_list(check, m.refusals(), lines_max) &&
         check_list(check, m.handshake_failures(), lines_max) &&
         check_list(check, m.store_losses(), lines_max) &&
         check_list(check, m.clients(), limits::clients_max) &&
         check_list(check, m.stale_groups(), limits::stale_groups_shown_max) &&
         check_list(check, m.affiliations(), lines_max) &&
         check_list(check, m.affiliation_refusals(), lines_max);
}

bool check_body(Check& check, const fb::GroupKeysListAnswer& m) {
  return printable(check, m.group_id()) &&
         check_list(check, m.envelopes(), limits::key_envelopes_per_group_max);
}

bool check_body(Check& check, const fb::WatchNote& m) {
  return printable(check, m.kind()) && printable(check, m.clause_step()) &&
         printable(check, m.subject()) && printable(check, m.object()) &&
         printable(check, m.client_id()) && printable(check, m.by()) &&
         printable(check, m.ground());
}

bool check_body(Check& check, const fb::UserListAnswer& m) {
  return check_list(check, m.users(), limits::users_max);
}

bool check_body(Check& check, const fb::UserShowAnswer& m) {
  return (m.profile() == nullptr || check_profile(check, *m.profile(), complete_profile)) &&
         check_list(check, m.clients(), limits::clients_per_user_max);
}

template <class Body>
Cause check_message(const fb::OperatorMessage& message) {
  Check check;
  const auto* body = message.body_as<Body>();
  static_cast<void>(check.present(body) && check_body(check, *body));
  return check.cause();
}

}  // namespace

Cause validate(const fb::OperatorMessage& m) {
  switch (m.body_type()) {
    case OperatorBody::StatusRequest: return check_message<fb::StatusRequest>(m);
    case OperatorBody::WatchRequest: return check_message<fb::WatchRequest>(m);
    case OperatorBody::GroupListRequest: return check_message<fb::GroupListRequest>(m);
    case OperatorBody::GroupShowRequest: return check_message<fb::GroupShowRequest>(m);
    case OperatorBody::GroupImportRequest: return check_message<fb::GroupImportRequest>(m);
    case OperatorBody::GroupRemoveRequest: return check_message<fb::GroupRemoveRequest>(m);
    case OperatorBody::GroupPushRequest: return check_message<fb::GroupPushRequest>(m);
    case OperatorBody::GroupFetchRequest: return check_message<fb::GroupFetchRequest>(m);
    case OperatorBody::OperationAnswer: return check_message<fb::OperationAnswer>(m);
    case OperatorBody::GroupListAnswer: return check_message<fb::GroupListAnswer>(m);
    case OperatorBody::GroupShowAnswer: return check_message<fb::GroupShowAnswer>(m);
    case OperatorBody::StatusAnswer: return check_message<fb::StatusAnswer>(m);
    case OperatorBody::WatchNote: return check_message<fb::WatchNote>(m);
    case OperatorBody::UserImportRequest: return check_message<fb::UserImportRequest>(m);
    case OperatorBody::UserListRequest: return check_message<fb::UserListRequest>(m);
    case OperatorBody::UserShowRequest: return check_message<fb::UserShowRequest>(m);
    case OperatorBody::UserRemoveRequest: return check_message<fb::UserRemoveRequest>(m);
    case OperatorBody::UserListAnswer: return check_message<fb::UserListAnswer>(m);
    case OperatorBody::UserShowAnswer: return check_message<fb::UserShowAnswer>(m);
    case OperatorBody::GroupKeysImportRequest: return check_message<fb::GroupKeysImportRequest>(m);
    case OperatorBody::GroupKeysListRequest: return check_message<fb::GroupKeysListRequest>(m);
    case OperatorBody::GroupKeysRemoveRequest: return check_message<fb::GroupKeysRemoveRequest>(m);
    case OperatorBody::GroupKeysListAnswer: return check_message<fb::GroupKeysListAnswer>(m);
    case OperatorBody::GroupSubscribeRequest: return check_message<fb::GroupSubscribeRequest>(m);
    case OperatorBody::GroupUnsubscribeRequest:
      return check_message<fb::GroupUnsubscribeRequest>(m);
    case OperatorBody::SubscriptionListRequest:
      return check_message<fb::SubscriptionListRequest>(m);
    case OperatorBody::SubscriptionListAnswer: return check_message<fb::SubscriptionListAnswer>(m);
    case OperatorBody::AffiliationListRequest: return check_message<fb::AffiliationListRequest>(m);
    case OperatorBody::AffiliationListAnswer: return check_message<fb::AffiliationListAnswer>(m);
    case OperatorBody::NONE: break;
  }
  return Cause::message_unknown;
}

Result<const fb::OperatorMessage*> verify_operator(const Frame& frame) {
  const Structure structure{fb::OperatorMessageIdentifier(), message_alignment, operator_depth_max,
                            operator_tables_max};
  const auto message = open<fb::OperatorMessage>(frame.body, structure);
  if (!message) return message;
  const Cause cause = validate(**message);
  if (cause != Cause::none) return refuse(cause);
  return message;
}

Bytes finish_operator_frame(FlatBufferBuilder& builder, Offset<fb::OperatorMessage> message) {
  builder.Finish(message, fb::OperatorMessageIdentifier());
  if (builder.GetSize() <= limits::frame_bytes_max) return frame_of(builder);
  return build_operation_answer(fb::OutcomeKind::failed, Cause::frame_too_long, {}, {});
}

}  // namespace bivouac::wire
