// SPDX-License-Identifier: Apache-2.0
#include "host-sim/trace/messages.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/wire/frame.h"
#include "core/wire/inbound.h"
#include "core/wire/key_envelope_codec.h"
#include "core/wire/schema/operator_generated.h"

namespace bivouac::sim {
namespace {

using wire::fb::Body;
using wire::fb::OperatorBody;

constexpr Entity gms = Entity::group_management_server;
constexpr Entity mcs = Entity::mcptt_server;
constexpr Entity user = Entity::client;

constexpr MessageRow rows[] = {
    {"Hello", gms, gms, {}, Reporter::sender},
    {"Heartbeat", gms, gms, {}, Reporter::sender},
    {"Refusal", gms, gms, {}, Reporter::sender},
    {"GroupConfigurationProvisionRequest", gms, gms, {"10.2.7.2/1"}, Reporter::sender},
    {"GroupConfigurationProvisionResponse", gms, gms, {"10.2.7.2/5"}, Reporter::sender},
    {"GroupConfigurationRequest", gms, gms, {"10.2.7.3/2"}, Reporter::sender},
    {"GroupConfigurationResponse", gms, gms, {"10.2.7.3/3"}, Reporter::sender},
    {"GetGroupConfigurationRequest",
     mcs,
     gms,
     {"10.2.7.3/1", "10.X.3.1/2a", "10.X.3.2.2/4a"},
     Reporter::reader},
    {"GetGroupConfigurationResponse",
     gms,
     mcs,
     {"10.2.7.3/6", "10.X.3.1/2b", "10.X.3.2.2/4b"},
     Reporter::reader},
    {"NotifyGroupConfigurationRequest",
     gms,
     mcs,
     {"10.2.7.2/4", "10.2.7.3/6", "10.1.2"},
     Reporter::sender},
    {"NotifyGroupConfigurationResponse", mcs, gms, {}, Reporter::sender},
    {"PresenceRequest", gms, gms, {}, Reporter::sender},
    {"PresenceResponse", gms, gms, {}, Reporter::sender},
    {"GroupInformationSubscribeRequest", gms, gms, {"10.2.7.4/1"}, Reporter::sender},
    {"GroupInformationSubscribeResponse", gms, gms, {"10.2.7.4/2"}, Reporter::sender},
    {"GroupInformationNotifyRequest", gms, gms, {"10.2.7.5/1"}, Reporter::sender},
    {"GroupInformationNotifyResponse", gms, gms, {"10.2.7.5/2"}, Reporter::sender},
    {"LogOnRequest", user, mcs, {}, Reporter::sender},
    {"LogOnResponse", mcs, user, {}, Reporter::sender},
    {"LogOffRequest", user, mcs, {}, Reporter::sender},
    {"LogOffResponse", mcs, user, {}, Reporter::sender},
    {"ClientGetGroupConfigurationRequest", user, gms, {}, Reporter::sender},
    {"ClientGetGroupConfigurationResponse", gms, user, {"10.1.2/get"}, Reporter::sender},
    {"SubscribeGroupConfigurationRequest", user, gms, {}, Reporter::sender},
    {"SubscribeGroupConfigurationResponse", gms, user, {"10.1.2/subscribe"}, Reporter::sender},
    {"ClientNotifyGroupConfigurationRequest", gms, user, {"10.1.2/notify"}, Reporter::sender},
    {"ClientNotifyGroupConfigurationResponse", user, gms, {}, Reporter::sender},
    {"ClientGroupAffiliationRequest", user, mcs, {"10.X.3.1/1", "10.X.3.2.2/1"}, Reporter::reader},
    {"ClientGroupAffiliationResponse",
     mcs,
     user,
     {"10.X.3.1/5a", "10.X.3.2.2/9"},
     Reporter::sender},
    {"GroupAffiliationRequest", mcs, mcs, {"10.X.3.2.2/3"}, Reporter::sender},
    {"GroupAffiliationResponse", mcs, mcs, {"10.X.3.2.2/7a"}, Reporter::sender},
    {"GroupAffiliationStatusUpdate", mcs, gms, {"10.X.3.1/5b", "10.X.3.2.2/7b"}, Reporter::sender},
    {"ClientGroupDeaffiliationRequest", user, mcs, {"10.X.4.2/1", "10.X.4.3/1"}, Reporter::reader},
    {"ClientGroupDeaffiliationResponse",
     mcs,
     user,
     {"10.X.4.2/4a", "10.X.4.3/8"},
     Reporter::sender},
    {"GroupDeaffiliationRequest", mcs, mcs, {"10.X.4.3/3"}, Reporter::sender},
    {"GroupDeaffiliationResponse", mcs, mcs, {"10.X.4.3/6a"}, Reporter::sender},
    {"GroupDeaffiliationStatusUpdate", mcs, gms, {"10.X.4.2/4b", "10.X.4.3/6b"}, Reporter::sender},
    {"ClientGroupDeaffiliationNotification", mcs, user, {}, Reporter::sender},
    {"SubscribeAffiliationStatusRequest", user, mcs, {}, Reporter::sender},
    {"SubscribeAffiliationStatusResponse", mcs, user, {}, Reporter::sender},
    {"ClientNotifyAffiliationStatusRequest", mcs, user, {}, Reporter::sender},
    {"ClientNotifyAffiliationStatusResponse", user, mcs, {}, Reporter::sender},
    {"GroupAffiliationExchangeRequest", mcs, mcs, {}, Reporter::sender},
    {"GroupAffiliationExchangeResponse", mcs, mcs, {}, Reporter::sender},
    {"GroupAffiliationExchangeNotification", mcs, mcs, {}, Reporter::sender},
};

constexpr StepRow steps[] = {
    {"10.2.7.2/2", "modify group configuration"},
    {"10.2.7.2/3", "store group configuration"},
    {"10.2.7.3/4", "modify group configuration"},
    {"10.2.7.3/5", "store group configuration"},
    {"10.X.3.1/3", "check policy, subscription, N2", mcs, false},
    {"10.X.3.1/4", "store affiliation status", mcs},
    {"10.X.3.2.2/2", "check subscription, N2", mcs, false},
    {"10.X.3.2.2/5", "check policy", mcs, false},
    {"10.X.3.2.2/6", "store affiliation status", mcs},
    {"10.X.3.2.2/8", "store affiliation status", mcs},
    {"10.X.4.2/2", "check affiliated, authorised", mcs, false},
    {"10.X.4.2/3", "remove affiliation status", mcs},
    {"10.X.4.3/2", "check affiliated, authorised", mcs, false},
    {"10.X.4.3/4", "check policy, affiliated", mcs, false},
    {"10.X.4.3/5", "remove affiliation status", mcs},
    {"10.X.4.3/7", "remove affiliation status", mcs},
};

template <class Answer>
void add_outcome(MessageFacts& facts, const Answer& answer) {
  facts.outcome = wire::fb::EnumNameResult(answer.result());
  facts.cause = static_cast<Cause>(answer.cause());
}

void add_subscription(MessageFacts& facts, const wire::fb::GroupInformationSubscribeRequest& m) {
  facts.detail = m.lease_s() == 0 ? "ends" : "lease " + std::to_string(m.lease_s()) + " s";
  if (m.further() != nullptr) facts.detail += ", " + std::to_string(m.further()->size()) + " more";
  if (m.known_revision() != 0)
    facts.detail += ", knows revision " + std::to_string(m.known_revision());
}

/// What became of the first group, and how many more there are.
void add_affiliations(MessageFacts& facts, const wire::fb::Envelope& e) {
  const auto add_answer = [&](const auto* message) {
    if (message == nullptr) return;
    const auto& first = *message->groups()->Get(0);
    facts.outcome = wire::fb::EnumNameAffiliationStatus(first.status());
    facts.cause = static_cast<Cause>(first.cause());
    if (message->groups()->size() > 1)
      facts.detail = std::to_string(message->groups()->size() - 1) + " more";
  };
  const auto add_request = [&](const auto* message) {
    if (message != nullptr && message->group_ids()->size() > 1)
      facts.detail = std::to_string(message->group_ids()->size() - 1) + " more";
  };
  const auto add_all = [&](const auto* message) {
    if (message == nullptr) return;
    const auto count = message->groups() == nullptr ? 0U : message->groups()->size();
    facts.detail = std::to_string(count) + (count == 1 ? " affiliation" : " affiliations");
  };
  const auto add_users = [&](const auto* message) {
    if (message == nullptr) return;
    const auto count = message->users() == nullptr ? 0U : message->users()->size();
    facts.detail = std::to_string(count) + (count == 1 ? " user" : " users");
  };
  add_users(e.body_as_GroupAffiliationExchangeRequest());
  add_users(e.body_as_GroupAffiliationExchangeResponse());
  add_request(e.body_as_ClientGroupAffiliationRequest());
  add_request(e.body_as_GroupAffiliationRequest());
  add_request(e.body_as_ClientGroupDeaffiliationRequest());
  add_request(e.body_as_GroupDeaffiliationRequest());
  add_answer(e.body_as_ClientGroupAffiliationResponse());
  add_answer(e.body_as_GroupAffiliationResponse());
  add_answer(e.body_as_GroupAffiliationStatusUpdate());
  add_answer(e.body_as_ClientGroupDeaffiliationResponse());
  add_answer(e.body_as_GroupDeaffiliationResponse());
  add_answer(e.body_as_GroupDeaffiliationStatusUpdate());
  add_answer(e.body_as_ClientGroupDeaffiliationNotification());
  add_all(e.body_as_SubscribeAffiliationStatusResponse());
  add_all(e.body_as_ClientNotifyAffiliationStatusRequest());
}

std::string keys_in_words(const wire::KeyEnvelopes* envelopes) {
  if (envelopes == nullptr) return {};
  const auto count = envelopes->size();
  return count == 1 ? "1 key envelope" : std::to_string(count) + " key envelopes";
}

const wire::fb::OperatorMessage& operator_message_in(ByteView frame) {
  return *wire::fb::GetOperatorMessage(frame.data() + limits::frame_header_bytes);
}

std::string_view text(const flatbuffers::String* string) {
  return string == nullptr ? std::string_view{} : string->string_view();
}

void add_answer(MessageFacts& facts, const wire::fb::OperationAnswer& answer) {
  facts.group = text(answer.group_id());
  facts.outcome = wire::fb::EnumNameOutcomeKind(answer.outcome());
  facts.cause = static_cast<Cause>(answer.cause());
  if (answer.partners() == nullptr || answer.partners()->size() < 2) return;
  for (const auto* partner : *answer.partners()) {
    if (!facts.detail.empty()) facts.detail += ", ";
    facts.detail +=
        plain(text(partner->system_id())) + " " + wire::fb::EnumNameOutcomeKind(partner->outcome());
  }
}

}  // namespace

MessageFacts facts_of_frame(ByteView frame) {
  const wire::fb::Envelope& envelope =
      *wire::fb::GetEnvelope(frame.data() + limits::frame_header_bytes);
  const Body type = envelope.body_type();
  MessageFacts facts;
  facts.name = wire::fb::EnumNameBody(type);
  facts.group = wire::group_of(envelope);
  facts.hops = wire::read_header(frame, limits::frame_bytes_max).value().hops;
  facts.exchange = envelope.exchange();
  facts.origin = text(envelope.origin());
  facts.target = text(envelope.target());
  facts.keeps_link = type == Body::Hello || type == Body::Heartbeat ||
                     type == Body::PresenceRequest || type == Body::PresenceResponse;
  if (const auto* push = envelope.body_as_GroupConfigurationProvisionRequest()) {
    facts.revision = push->exposed_revision();
    if (push->withdrawn()) facts.detail = "withdrawn";
  } else if (const auto* pushed = envelope.body_as_GroupConfigurationProvisionResponse()) {
    add_outcome(facts, *pushed);
  } else if (const auto* pull = envelope.body_as_GroupConfigurationRequest()) {
    if (pull->known_revision() != 0) {
      facts.detail = "knows revision " + std::to_string(pull->known_revision());
    }
  } else if (const auto* pulled = envelope.body_as_GroupConfigurationResponse()) {
    add_outcome(facts, *pulled);
    facts.revision = pulled->exposed_revision();
    const bool is_newest = facts.cause == Cause::none && pulled->configuration() == nullptr;
    if (is_newest) facts.detail = "unchanged";
  } else if (const auto* subscribe = envelope.body_as_GroupInformationSubscribeRequest()) {
    add_subscription(facts, *subscribe);
  } else if (const auto* subscribed = envelope.body_as_GroupInformationSubscribeResponse()) {
    add_outcome(facts, *subscribed);
    facts.revision = subscribed->exposed_revision();
  } else if (const auto* notify = envelope.body_as_GroupInformationNotifyRequest()) {
    facts.revision = notify->exposed_revision();
    facts.detail = notify->withdrawn() ? "withdrawn" : keys_in_words(notify->key_envelopes());
  } else if (const auto* notified = envelope.body_as_GroupInformationNotifyResponse()) {
    add_outcome(facts, *notified);
  } else if (const auto* logged_on = envelope.body_as_LogOnResponse()) {
    add_outcome(facts, *logged_on);
  } else if (const auto* off = envelope.body_as_LogOffRequest()) {
    facts.cause = static_cast<Cause>(off->cause());
  } else if (const auto* got = envelope.body_as_ClientGetGroupConfigurationResponse()) {
    add_outcome(facts, *got);
    facts.detail = got->stale() ? "stale" : keys_in_words(got->key_envelopes());
  } else if (const auto* wants = envelope.body_as_SubscribeGroupConfigurationRequest()) {
    if (wants->unsubscribe()) facts.detail = "no more";
    if (wants->known_digest() != 0) facts.detail = "knows one";
  } else if (const auto* may = envelope.body_as_SubscribeGroupConfigurationResponse()) {
    add_outcome(facts, *may);
  } else if (const auto* told = envelope.body_as_ClientNotifyGroupConfigurationRequest()) {
    facts.cause = static_cast<Cause>(told->cause());
    facts.detail = told->withdrawn() ? "withdrawn"
                   : told->stale()   ? "stale"
                                     : keys_in_words(told->key_envelopes());
    if (told->configuration() == nullptr && !told->withdrawn() && !told->stale())
      facts.detail = "fresh";
  } else if (const auto* taken = envelope.body_as_ClientNotifyGroupConfigurationResponse()) {
    add_outcome(facts, *taken);
  } else if (const auto* refusal = envelope.body_as_Refusal()) {
    facts.outcome = "failure";
    facts.cause = static_cast<Cause>(refusal->cause());
  } else {
    add_affiliations(facts, envelope);
  }
  return facts;
}

MessageFacts facts_of_operator_frame(ByteView frame) {
  const auto& message = operator_message_in(frame);
  MessageFacts facts;
  facts.name = wire::fb::EnumNameOperatorBody(message.body_type());
  if (const auto* import = message.body_as_GroupImportRequest()) {
    facts.group = text(import->configuration()->group_id());
  } else if (const auto* remove = message.body_as_GroupRemoveRequest()) {
    facts.group = text(remove->group_id());
  } else if (const auto* keys = message.body_as_GroupKeysImportRequest()) {
    facts.group = text(keys->group_id());
  } else if (const auto* gone = message.body_as_GroupKeysRemoveRequest()) {
    facts.group = text(gone->group_id());
  } else if (const auto* push = message.body_as_GroupPushRequest()) {
    facts.group = text(push->group_id());
    if (!text(push->partner()).empty()) facts.detail = "to " + plain(text(push->partner()));
  } else if (const auto* fetch = message.body_as_GroupFetchRequest()) {
    facts.group = text(fetch->group_id());
  } else if (const auto* subscribe = message.body_as_GroupSubscribeRequest()) {
    facts.group = text(subscribe->group_id());
  } else if (const auto* unsubscribe = message.body_as_GroupUnsubscribeRequest()) {
    facts.group = text(unsubscribe->group_id());
  } else if (const auto* show = message.body_as_GroupShowRequest()) {
    facts.group = text(show->group_id());
  } else if (const auto* answer = message.body_as_OperationAnswer()) {
    add_answer(facts, *answer);
  }
  return facts;
}

std::optional<Service> service_to_fetch(ByteView operator_frame) {
  const auto* fetch = operator_message_in(operator_frame).body_as_GroupFetchRequest();
  if (fetch == nullptr) return std::nullopt;
  const Services wanted{static_cast<std::uint8_t>(fetch->service())};
  for (const Service service : all_services) {
    if (wanted.has(service)) return service;
  }
  return std::nullopt;
}

Entity server_of(Service service) {
  switch (service) {
    case Service::mcptt: return Entity::mcptt_server;
    case Service::mcvideo: return Entity::mcvideo_server;
    case Service::mcdata: return Entity::mcdata_server;
  }
  return Entity::mcptt_server;
}

Entity first_server(Services services) {
  for (const Service service : all_services) {
    if (services.has(service)) return server_of(service);
  }
  return Entity::mcptt_server;
}

bool is_for_mc_service_server(std::string_view message) { return message == "GroupFetchRequest"; }

const MessageRow* find_message(std::string_view message) {
  const auto* found = std::ranges::find(rows, message, &MessageRow::name);
  return found == std::end(rows) ? nullptr : found;
}

bool may_be(const MessageRow& row, std::string_view clause_step) {
  return !clause_step.empty() && std::ranges::find(row.steps, clause_step) != std::end(row.steps);
}

const MessageRow* message_of_step(std::string_view clause_step) {
  const auto* found =
      std::ranges::find_if(rows, [&](const auto& row) { return may_be(row, clause_step); });
  return found == std::end(rows) ? nullptr : found;
}

StepRow find_step(std::string_view clause_step) {
  const auto* found = std::ranges::find(steps, clause_step, &StepRow::clause_step);
  return found == std::end(steps) ? StepRow{clause_step, "step"} : *found;
}

}  // namespace bivouac::sim
