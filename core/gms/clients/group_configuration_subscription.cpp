// SPDX-License-Identifier: Apache-2.0
#include "core/gms/clients/group_configuration_subscription.h"

#include <algorithm>
#include <utility>

#include "core/gms/clients/given_configuration.h"
#include "core/gms/group_record.h"

namespace bivouac::gms::clients {
namespace {

using engine::ClientAddress;
using engine::DeadlineKind;

// A notification may be as large as frames get: they fill the queue of their connection only.
constexpr std::size_t told_per_slice = 4;
constexpr std::size_t marked_per_slice = 64;

}  // namespace

void GroupConfigurationSubscription::on_subscribe(engine::Context& context,
                                                  const wire::fb::Envelope& envelope,
                                                  Pulls& pulls) {
  const auto& request = *envelope.body_as_SubscribeGroupConfigurationRequest();
  const Key key{request.group_id()->str(), engine::client_of(envelope)};
  Cause cause = Cause::none;
  if (request.unsubscribe()) {
    unsubscribe(key);
  } else {
    cause = judge(context, key.second, key.first, view_group(context, pulls, key.first));
    // What is not here yet is judged when it comes, and told then. Until then nothing is known.
    if (cause == Cause::group_unknown) {
      if (context.configuration.home_of_group(key.first) != nullptr) {
        static_cast<void>(pulls.pull_for_client(context, key.first));
        cause = Cause::none;
      } else if (pulls.may_come(context, key.first)) {
        cause = Cause::none;
      }
    }
    Client& client = clients_[key.second];
    if (cause == Cause::none && !client.groups.contains(key.first) &&
        client.groups.size() >= limits::client_subscriptions_max) {
      cause = Cause::subscription_limit;
    }
  }
  if (cause != Cause::none) {
    context.refused(key.second.mc_service_id, key.first, cause);
    unsubscribe(key);
  } else if (!request.unsubscribe()) {
    clients_[key.second].groups.insert(key.first);
    Subscription& subscription = subscriptions_[key];
    subscription.digest = request.known_digest();
    subscription.stale = subscription.digest != 0;  // as long as it was not told otherwise
    mark(key, subscription);
  }
  context.post.send_to_client(key.second,
                              wire::build_subscribe_group_configuration_response(
                                  context.answer_to(envelope), key.first, cause),
                              engine::Priority::control);
  if (cause == Cause::none && !request.unsubscribe())
    context.step_done("10.1.2/subscribe", key.first, key.second.mc_service_id);
}

void GroupConfigurationSubscription::unsubscribe(const Key& key) {
  to_tell_.erase(key);
  subscriptions_.erase(key);  // its answer, if one is awaited, only frees the place
  if (const auto client = clients_.find(key.second); client != clients_.end())
    client->second.groups.erase(key.first);
}

// ---- 10.1.2: notify

void GroupConfigurationSubscription::mark(const Key& key, Subscription& subscription) {
  subscription.again = true;
  if (!subscription.on_the_way.is_set()) to_tell_.insert(key);
}

void GroupConfigurationSubscription::group_changed(std::string_view group_id) {
  auto entry = subscriptions_.lower_bound(Key{std::string(group_id), {}});
  for (; entry != subscriptions_.end() && entry->first.first == group_id; ++entry)
    mark(entry->first, entry->second);
}

void GroupConfigurationSubscription::user_changed(std::string_view mc_service_id) {
  auto client = clients_.lower_bound(ClientAddress{std::string(mc_service_id), {}});
  for (; client != clients_.end() && client->first.mc_service_id == mc_service_id; ++client) {
    for (const std::string& group_id : client->second.groups) {
      const Key key{group_id, client->first};
      mark(key, subscriptions_.at(key));
    }
  }
}

/// Groups of one home, or that are not here.
bool GroupConfigurationSubscription::recheck_some(const engine::Context& context) {
  if (recheck_.empty()) return false;
  const std::string& home = recheck_.begin()->first;
  Key& after = recheck_.begin()->second;
  std::string looked_at;
  bool concerned = false;
  auto entry = subscriptions_.upper_bound(after);
  for (std::size_t i = 0; i < marked_per_slice && entry != subscriptions_.end(); ++i, ++entry) {
    if (looked_at != entry->first.first) {
      looked_at = entry->first.first;
      const auto found = find_group(context, looked_at);
      concerned = !found || home_of(context, *found->record) == home;
    }
    if (concerned) mark(entry->first, entry->second);
    after = entry->first;
  }
  if (entry == subscriptions_.end()) recheck_.erase(recheck_.begin());
  return true;
}

bool GroupConfigurationSubscription::go_on(engine::Context& context, const Pulls& pulls) {
  if (answer_waiting(context, pulls)) return true;
  std::size_t looked_at = 0;
  std::size_t told = 0;
  GroupView view;
  std::string viewed;
  auto entry = to_tell_.begin();
  while (entry != to_tell_.end()) {
    if (told == told_per_slice || looked_at++ == marked_per_slice) return true;
    const Key key = *entry;
    // It waits for an answer of its client: that makes it due again.
    if (clients_.at(key.second).on_the_way >= limits::client_notifications_on_the_way_max) {
      entry = to_tell_.erase(entry);
      continue;
    }
    if (viewed != key.first) {
      view = view_group(context, pulls, key.first);
      viewed = key.first;
    }
    entry = to_tell_.erase(entry);
    Subscription& subscription = subscriptions_.at(key);
    subscription.again = false;
    if (tell(context, pulls, key, subscription, view)) ++told;
  }
  return recheck_some(context);
}

/// Sends what the client does not know yet. False when there is nothing of the kind.
bool GroupConfigurationSubscription::tell(engine::Context& context, const Pulls& pulls,
                                          const Key& key, Subscription& subscription,
                                          const GroupView& view) {
  const auto& [group_id, client] = key;
  Cause withdrawn = judge(context, client, group_id, view);
  if (withdrawn != Cause::none && subscription.digest == 0) return false;
  // It is not here, and may come yet: until then an old copy is worth more than none.
  if (withdrawn == Cause::group_unknown && pulls.may_come(context, group_id)) return false;
  const std::uint64_t digest = digest_for(view, client.mc_service_id);
  const bool same = subscription.digest == digest;
  if (withdrawn == Cause::none && same && subscription.stale == view.stale) return false;
  const ExchangeId id = context.exchanges.next_id();
  const wire::Address address =
      context.request_to_client(client, id, DurationMs{limits::exchange_ms});
  const auto message = [&](const wire::GivenConfiguration& its) {
    return wire::build_client_notify_group_configuration_request(address, group_id, withdrawn, its);
  };
  Bytes frame;
  if (withdrawn == Cause::none) {
    frame = message(given(view, client.mc_service_id, !same));
    if (is_too_long(frame)) withdrawn = Cause::frame_too_long;
  }
  if (withdrawn != Cause::none) frame = message({});
  if (withdrawn == Cause::frame_too_long)
    context.refused(client.mc_service_id, group_id, withdrawn);
  context.post.send_to_client(client, std::move(frame), engine::Priority::bulk);
  context.step_done("10.1.2/notify", group_id, client.mc_service_id);
  context.exchanges.open(
      id, {client.mc_service_id, wire::fb::Body::ClientNotifyGroupConfigurationRequest, group_id});
  context.deadlines.set({DeadlineKind::exchange, id.value},
                        context.now.mono + DurationMs{limits::exchange_ms});
  subscription.digest = withdrawn == Cause::none ? digest : 0;
  subscription.stale = withdrawn == Cause::none && view.stale;
  subscription.on_the_way = id;
  on_the_way_[id] = key;
  ++clients_.at(client).on_the_way;
  return true;
}

void GroupConfigurationSubscription::on_response(engine::Context& context,
                                                 const wire::fb::Envelope& envelope) {
  const auto& response = *envelope.body_as_ClientNotifyGroupConfigurationResponse();
  const ExchangeId id{envelope.exchange()};
  const ClientAddress client = engine::client_of(envelope);
  const auto found = on_the_way_.find(id);
  if (found == on_the_way_.end() || found->second.second != client ||
      found->second.first != response.group_id()->string_view()) {
    context.refused(client.mc_service_id, response.group_id()->string_view(),
                    Cause::message_unexpected);
    return;
  }
  const Cause cause = engine::outcome(response.result(), response.cause());
  if (cause != Cause::none) {
    context.refused(client.mc_service_id, found->second.first, cause);
    // It lacks what we thought that it had. Otherwise it is told of the next change.
    // Once: what it does not take a second time it would never take.
    if (const auto its = subscriptions_.find(found->second);
        its != subscriptions_.end() && cause == Cause::group_unknown &&
        its->second.told_whole != its->second.digest) {
      its->second.told_whole = std::exchange(its->second.digest, 0);
      its->second.again = true;
    }
  }
  free_place(context, id);
}

/// A client that does not answer in time is told again what it may have missed.
void GroupConfigurationSubscription::on_timeout(engine::Context& context, ExchangeId id) {
  const auto found = on_the_way_.find(id);
  if (found == on_the_way_.end()) return context.exchanges.close(id);
  const Key key = found->second;
  context.refused(key.second.mc_service_id, key.first, Cause::timed_out);
  if (const auto subscription = subscriptions_.find(key);
      subscription != subscriptions_.end() && subscription->second.on_the_way == id) {
    // Whatever it has: a digest that no configuration has makes the next one differ.
    subscription->second.digest = 2;
    subscription->second.again = true;
  }
  free_place(context, id);
}

void GroupConfigurationSubscription::free_place(engine::Context& context, ExchangeId id) {
  const auto found = on_the_way_.find(id);
  const Key key = found->second;
  on_the_way_.erase(found);
  context.exchanges.close(id);
  context.deadlines.clear({DeadlineKind::exchange, id.value});
  const auto subscription = subscriptions_.find(key);
  if (subscription != subscriptions_.end() && subscription->second.on_the_way == id)
    subscription->second.on_the_way = {};
  const auto client = clients_.find(key.second);
  if (client == clients_.end()) return;
  --client->second.on_the_way;
  for (const std::string& group_id : client->second.groups) {
    const Key other{group_id, key.second};
    const Subscription& its = subscriptions_.at(other);
    if (its.again && !its.on_the_way.is_set()) to_tell_.insert(other);
  }
}

void GroupConfigurationSubscription::on_client_gone(engine::Context& context,
                                                    const ClientAddress& client) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  const auto groups = found->second.groups;
  for (const std::string& group_id : groups) unsubscribe({group_id, client});
  for (auto entry = on_the_way_.begin(); entry != on_the_way_.end();) {
    if (entry->second.second != client) {
      ++entry;
      continue;
    }
    context.exchanges.close(entry->first);
    context.deadlines.clear({DeadlineKind::exchange, entry->first.value});
    entry = on_the_way_.erase(entry);
  }
  for (auto entry = waiting_.begin(); entry != waiting_.end();) {
    std::erase_if(entry->second, [&](const Waiting& one) { return one.client == client; });
    entry = entry->second.empty() ? waiting_.erase(entry) : std::next(entry);
  }
  clients_.erase(client);
}

}  // namespace bivouac::gms::clients
