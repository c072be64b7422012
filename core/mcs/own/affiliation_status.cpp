// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/own/affiliation_status.h"

#include <algorithm>
#include <tuple>

#include "core/engine/user_record.h"
#include "core/mcs/own/affiliation_status_decision.h"
#include "core/mcs/own/taking_part.h"
#include "core/wire/build_affiliation.h"

namespace bivouac::mcs::own {
namespace {

using engine::ClientAddress;
using engine::DeadlineKind;
using wire::fb::Body;

constexpr std::size_t told_per_slice = 4;

/// Whether the user may ask to which groups others are affiliated.
bool may_ask(const engine::Context& context, std::string_view mc_service_id) {
  using wire::fb::UserRights;
  const auto* profile = engine::find_user(context, mc_service_id);
  return profile != nullptr &&
         (profile->rights() & UserRights::request_affiliated_groups) != UserRights::NONE;
}

}  // namespace

std::vector<GroupAffiliation> list_affiliations(const engine::Context& context,
                                                const Affiliations& affiliations,
                                                std::string_view mc_service_id) {
  std::vector<GroupAffiliation> list;
  for (const Affiliation& one :
       affiliations.of_user(context, context.identities.find(mc_service_id))) {
    const std::string_view group_id = context.identities.text(context.view, one.group);
    if (group_id.empty()) continue;  // lost with a salvaged store
    list.push_back({std::string(group_id), one.status, one.cause,
                    taken_part_in(context, mc_service_id, one),
                    std::string(context.identities.text(context.view, one.client))});
  }
  // By their numbers they are in another order.
  std::ranges::sort(
      list, {}, [](const GroupAffiliation& one) { return std::tie(one.group_id, one.client_id); });
  return list;
}

void notify_ended(engine::Context& context, std::string_view mc_service_id,
                  const std::vector<GroupAffiliation>& ended) {
  const auto [first, last] = context.log_ons.of(mc_service_id);
  for (auto client = first; client != last; ++client) {
    const wire::Address address = context.request_to_client(
        client->first, context.exchanges.next_id(), DurationMs{limits::exchange_ms});
    context.post.send_to_client(
        client->first,
        wire::build_client_group_deaffiliation_notification(address, mc_service_id, ended),
        engine::Priority::control);
  }
}

void AffiliationStatusNotification::on_subscribe(engine::Context& context,
                                                 const wire::fb::Envelope& envelope,
                                                 const Affiliations& affiliations) {
  const auto& request = *envelope.body_as_SubscribeAffiliationStatusRequest();
  const ClientAddress client = engine::client_of(envelope);
  const std::string user = request.mc_service_id()->str();
  const Key key{client, user};
  Cause cause = Cause::none;
  std::vector<GroupAffiliation> list;
  if (!request.unsubscribe()) {
    StatusFacts facts;
    facts.of_itself = user == client.mc_service_id;
    facts.permitted = may_ask(context, client.mc_service_id);
    facts.served_here = engine::is_served_here(context, user);
    const auto its = std::ranges::count_if(
        told_, [&](const auto& entry) { return entry.first.first == client; });
    facts.too_many =
        !told_.contains(key) && static_cast<std::size_t>(its) >= limits::status_subscriptions_max;
    cause = decide(facts);
  }
  if (cause == Cause::none && !request.unsubscribe()) {
    list = list_affiliations(context, affiliations, user);
    Told& told = told_[key];
    told.any = !list.empty();
    if (user != client.mc_service_id) watched_[user].insert(client);
  } else {
    if (cause != Cause::none) context.refused(client.mc_service_id, user, cause);
    forget(key);
  }
  context.post.send_to_client(client,
                              wire::build_subscribe_affiliation_status_response(
                                  context.answer_to(envelope), user, cause, list),
                              engine::Priority::control);
}

bool AffiliationStatusNotification::may_hear(const engine::Context& context, const Key& key) {
  const auto& [client, user] = key;
  return user == client.mc_service_id || may_ask(context, client.mc_service_id);
}

void AffiliationStatusNotification::forget(const Key& key) {
  if (const auto watchers = watched_.find(key.second); watchers != watched_.end()) {
    watchers->second.erase(key.first);
    if (watchers->second.empty()) watched_.erase(watchers);
  }
  to_tell_.erase(key);
  told_.erase(key);  // its answer, if one is awaited, only frees the place
}

void AffiliationStatusNotification::mark(const Key& key) {
  Told& told = told_[key];
  told.again = true;
  if (!told.on_the_way.is_set()) to_tell_.insert(key);
}

void AffiliationStatusNotification::client_came(const ClientAddress& client) {
  mark({client, client.mc_service_id});
}

void AffiliationStatusNotification::changed(const engine::Context& context,
                                            std::string_view mc_service_id,
                                            const ClientAddress* asker) {
  const auto [first, last] = context.log_ons.of(mc_service_id);
  for (auto client = first; client != last; ++client) {
    if (asker != nullptr && client->first == *asker) {
      // It has something to lose now.
      told_[{client->first, std::string(mc_service_id)}].any = true;
    } else {
      mark({client->first, std::string(mc_service_id)});
    }
  }
  if (const auto watchers = watched_.find(mc_service_id); watchers != watched_.end()) {
    for (const ClientAddress& client : watchers->second) mark({client, watchers->first});
  }
}

void AffiliationStatusNotification::rights_changed(const engine::Context& context,
                                                   std::string_view mc_service_id) {
  for (const auto& [user, watchers] : watched_) {
    for (const ClientAddress& client : watchers) {
      if (client.mc_service_id == mc_service_id && !may_hear(context, {client, user}))
        mark({client, user});
    }
  }
}

bool AffiliationStatusNotification::go_on(engine::Context& context,
                                          const Affiliations& affiliations) {
  for (std::size_t i = 0; i < told_per_slice && !to_tell_.empty(); ++i) {
    const Key key = *to_tell_.begin();
    to_tell_.erase(to_tell_.begin());
    tell(context, key, affiliations);
  }
  return !to_tell_.empty();
}

void AffiliationStatusNotification::tell(engine::Context& context, const Key& key,
                                         const Affiliations& affiliations) {
  const auto& [client, user] = key;
  if (!may_hear(context, key)) {
    const ExchangeId id = await_answer(context, key);
    context.post.send_to_client(
        client,
        wire::build_client_notify_affiliation_status_request(
            context.request_to_client(client, id, DurationMs{limits::exchange_ms}), user,
            Cause::not_authorised),
        engine::Priority::control);
    return forget(key);
  }
  Told& told = told_.at(key);
  told.again = false;
  const auto list = list_affiliations(context, affiliations, user);
  if (list.empty() && !told.any) return;  // as it knows
  told.any = !list.empty();
  told.on_the_way = await_answer(context, key);
  context.post.send_to_client(
      client,
      wire::build_client_notify_affiliation_status_request(
          context.request_to_client(client, told.on_the_way, DurationMs{limits::exchange_ms}), user,
          list),
      engine::Priority::control);
}

ExchangeId AffiliationStatusNotification::await_answer(engine::Context& context, const Key& key) {
  const ExchangeId id = context.exchanges.next_id();
  context.exchanges.open(id,
                         {key.first.mc_service_id, Body::ClientNotifyAffiliationStatusRequest, {}});
  context.deadlines.set({DeadlineKind::exchange, id.value},
                        context.now.mono + DurationMs{limits::exchange_ms});
  on_the_way_[id] = key;
  return id;
}

void AffiliationStatusNotification::on_response(engine::Context& context,
                                                const wire::fb::Envelope& envelope) {
  const auto& response = *envelope.body_as_ClientNotifyAffiliationStatusResponse();
  const ExchangeId id{envelope.exchange()};
  const ClientAddress client = engine::client_of(envelope);
  const auto found = on_the_way_.find(id);
  if (found == on_the_way_.end() || found->second.first != client ||
      found->second.second != response.mc_service_id()->string_view()) {
    context.refused(client.mc_service_id, response.mc_service_id()->string_view(),
                    Cause::message_unexpected);
    return;
  }
  const Cause cause = engine::outcome(response.result(), response.cause());
  if (cause != Cause::none) context.refused(client.mc_service_id, found->second.second, cause);
  free_place(context, id);
}

/// A client that does not answer in time is told again what it may have missed.
void AffiliationStatusNotification::on_timeout(engine::Context& context, ExchangeId id) {
  const auto found = on_the_way_.find(id);
  if (found == on_the_way_.end()) return context.exchanges.close(id);
  context.refused(found->second.first.mc_service_id, found->second.second, Cause::timed_out);
  if (const auto told = told_.find(found->second);
      told != told_.end() && told->second.on_the_way == id) {
    told->second.again = true;
    told->second.any = true;
  }
  free_place(context, id);
}

void AffiliationStatusNotification::free_place(engine::Context& context, ExchangeId id) {
  const auto found = on_the_way_.find(id);
  const Key key = found->second;
  on_the_way_.erase(found);
  context.exchanges.close(id);
  context.deadlines.clear({DeadlineKind::exchange, id.value});
  const auto told = told_.find(key);
  if (told == told_.end() || told->second.on_the_way != id) return;
  told->second.on_the_way = {};
  if (told->second.again) to_tell_.insert(key);
}

void AffiliationStatusNotification::on_client_gone(engine::Context& context,
                                                   const ClientAddress& client) {
  for (auto entry = on_the_way_.begin(); entry != on_the_way_.end();) {
    if (entry->second.first != client) {
      ++entry;
      continue;
    }
    context.exchanges.close(entry->first);
    context.deadlines.clear({DeadlineKind::exchange, entry->first.value});
    entry = on_the_way_.erase(entry);
  }
  for (auto entry = told_.lower_bound({client, {}});
       entry != told_.end() && entry->first.first == client;) {
    to_tell_.erase(entry->first);
    if (const auto watchers = watched_.find(entry->first.second); watchers != watched_.end()) {
      watchers->second.erase(client);
      if (watchers->second.empty()) watched_.erase(watchers);
    }
    entry = told_.erase(entry);
  }
}

}  // namespace bivouac::mcs::own
