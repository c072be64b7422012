// SPDX-License-Identifier: Apache-2.0
#include "core/wire/references.h"

namespace bivouac::wire {
namespace {

bool area_refers_ahead(const fb::Area* area) {
  return area == nullptr || refers_ahead(area->corners());
}

bool configuration_refers_ahead(const fb::GroupConfiguration* configuration) {
  return configuration == nullptr || refers_ahead(*configuration);
}

/// The configuration of a message that was received, when it is there and has one.
template <class Message>
bool message_refers_ahead(const Message* message) {
  return message == nullptr || configuration_refers_ahead(message->configuration());
}

/// And its key material.
template <class Message>
bool message_with_keys_refers_ahead(const Message* message) {
  return message_refers_ahead(message) &&
         (message == nullptr || refers_ahead(message->key_envelopes()));
}

/// The list of groups of a message that was received.
template <class Message>
bool list_refers_ahead(const Message* message) {
  return message == nullptr || refers_ahead(message->groups());
}

template <class Message>
bool ids_refer_ahead(const Message* message) {
  return message == nullptr || refers_ahead(message->group_ids());
}

bool users_refer_ahead(const fb::GroupAffiliationExchangeResponse* message) {
  if (message == nullptr || message->users() == nullptr) return true;
  if (!refers_ahead(message->users())) return false;
  for (const fb::HostedUser* user : *message->users()) {
    if (!refers_ahead(user->groups())) return false;
  }
  return true;
}

bool affiliation_refers_ahead(const fb::Envelope& e) {
  const auto* compared = e.body_as_GroupAffiliationExchangeRequest();
  return ids_refer_ahead(e.body_as_ClientGroupAffiliationRequest()) &&
         ids_refer_ahead(e.body_as_GroupAffiliationRequest()) &&
         ids_refer_ahead(e.body_as_ClientGroupDeaffiliationRequest()) &&
         ids_refer_ahead(e.body_as_GroupDeaffiliationRequest()) &&
         list_refers_ahead(e.body_as_ClientGroupAffiliationResponse()) &&
         list_refers_ahead(e.body_as_GroupAffiliationResponse()) &&
         list_refers_ahead(e.body_as_GroupAffiliationStatusUpdate()) &&
         list_refers_ahead(e.body_as_ClientGroupDeaffiliationResponse()) &&
         list_refers_ahead(e.body_as_GroupDeaffiliationResponse()) &&
         list_refers_ahead(e.body_as_GroupDeaffiliationStatusUpdate()) &&
         list_refers_ahead(e.body_as_ClientGroupDeaffiliationNotification()) &&
         list_refers_ahead(e.body_as_SubscribeAffiliationStatusResponse()) &&
         list_refers_ahead(e.body_as_ClientNotifyAffiliationStatusRequest()) &&
         users_refer_ahead(e.body_as_GroupAffiliationExchangeResponse()) &&
         (compared == nullptr || refers_ahead(compared->users()));
}

bool status_refers_ahead(const fb::StatusAnswer* m) {
  return m == nullptr ||
         (refers_ahead(m->links()) && refers_ahead(m->refusals()) &&
          refers_ahead(m->handshake_failures()) && refers_ahead(m->store_losses()) &&
          refers_ahead(m->clients()) && refers_ahead(m->stale_groups()) &&
          refers_ahead(m->affiliations()) && refers_ahead(m->affiliation_refusals()));
}

bool show_refers_ahead(const fb::GroupShowAnswer* m) {
  return m == nullptr ||
         (configuration_refers_ahead(m->original()) && configuration_refers_ahead(m->effective()) &&
          refers_ahead(m->exposures()));
}

bool profile_refers_ahead(const fb::UserProfile* profile) {
  return profile == nullptr || refers_ahead(*profile);
}

bool user_refers_ahead(const fb::UserShowAnswer* m) {
  return m == nullptr || (profile_refers_ahead(m->profile()) && refers_ahead(m->clients()));
}

}  // namespace

bool refers_ahead(const fb::UserProfile& p) {
  return refers_ahead(p.groups()) && refers_ahead(p.implicit_affiliations());
}

bool refers_ahead(const fb::GroupConfiguration& c) {
  return area_refers_ahead(c.permitted_area()) && area_refers_ahead(c.mandatory_area()) &&
         refers_ahead(c.forbidden_deaffiliation_functional_aliases()) &&
         refers_ahead(c.forbidden_deaffiliation_if_last_functional_aliases()) &&
         refers_ahead(c.members());
}

bool refers_ahead(const fb::Envelope& e) {
  const auto* log_on = e.body_as_LogOnResponse();
  const auto* subscribe = e.body_as_GroupInformationSubscribeRequest();
  const auto* subscribed = e.body_as_GroupInformationSubscribeResponse();
  return (subscribe == nullptr || refers_ahead(subscribe->further())) &&
         (subscribed == nullptr || refers_ahead(subscribed->further())) &&
         message_with_keys_refers_ahead(e.body_as_GroupInformationNotifyRequest()) &&
         message_refers_ahead(e.body_as_GroupConfigurationProvisionRequest()) &&
         message_refers_ahead(e.body_as_GroupConfigurationResponse()) &&
         message_refers_ahead(e.body_as_GetGroupConfigurationResponse()) &&
         message_refers_ahead(e.body_as_NotifyGroupConfigurationRequest()) &&
         message_with_keys_refers_ahead(e.body_as_ClientGetGroupConfigurationResponse()) &&
         message_with_keys_refers_ahead(e.body_as_ClientNotifyGroupConfigurationRequest()) &&
         (log_on == nullptr || profile_refers_ahead(log_on->profile())) &&
         affiliation_refers_ahead(e);
}

bool refers_ahead(const fb::OperatorMessage& m) {
  const auto* operation = m.body_as_OperationAnswer();
  const auto* list = m.body_as_GroupListAnswer();
  const auto* user = m.body_as_UserImportRequest();
  const auto* users = m.body_as_UserListAnswer();
  const auto* keys = m.body_as_GroupKeysImportRequest();
  const auto* summaries = m.body_as_GroupKeysListAnswer();
  const auto* subscriptions = m.body_as_SubscriptionListAnswer();
  const auto* affiliations = m.body_as_AffiliationListAnswer();
  return (affiliations == nullptr || refers_ahead(affiliations->affiliations())) &&
         (subscriptions == nullptr ||
          (refers_ahead(subscriptions->notified()) && refers_ahead(subscriptions->subscribed()))) &&
         message_refers_ahead(m.body_as_GroupImportRequest()) &&
         show_refers_ahead(m.body_as_GroupShowAnswer()) &&
         status_refers_ahead(m.body_as_StatusAnswer()) &&
         (operation == nullptr || refers_ahead(operation->partners())) &&
         (list == nullptr || refers_ahead(list->groups())) &&
         (user == nullptr || profile_refers_ahead(user->profile())) &&
         (users == nullptr || refers_ahead(users->users())) &&
         (keys == nullptr || refers_ahead(keys->envelopes())) &&
         (summaries == nullptr || refers_ahead(summaries->envelopes())) &&
         user_refers_ahead(m.body_as_UserShowAnswer());
}

}  // namespace bivouac::wire
