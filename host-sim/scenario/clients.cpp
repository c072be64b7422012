// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/clients.h"

#include <algorithm>

namespace bivouac::sim {
namespace {

constexpr DurationMs time_before_asking_again{1000};

/// The request, or its answer, is lost.
bool is_lost(const GroupAffiliation& told) {
  return told.status == AffiliationStatus::rejected &&
         (told.cause == Cause::unreachable || told.cause == Cause::timed_out ||
          told.cause == Cause::not_logged_on);
}

bool is_refused(const GroupAffiliation& told) { return told.status == AffiliationStatus::rejected; }

}  // namespace

void ScenarioClients::ask(System& client, Wish wish) {
  if (!is_persistent_) return send(client, wish);
  User& user = users_[client.number()];
  user.client = &client;
  user.last = wish;
  user.refused.reset();
  user.waiting.push_back(std::move(wish));
  look(user);
}

void ScenarioClients::send(System& client, const Wish& wish) {
  ledger_.forget_answer(client);
  client.wish([&](client::McServiceClient& its, Now now, engine::Effects& effects) {
    if (wish.leaves) return its.deaffiliate(now, effects, wish.group_ids, wish.scope);
    its.affiliate(now, effects, wish.group_ids);
  });
}

void ScenarioClients::look() {
  for (auto& [number, user] : users_) look(user);
}

void ScenarioClients::look(User& user) {
  if (user.waiting.empty()) return;
  const auto& answer = ledger_.answer(*user.client);
  if (user.asked && !answer.empty()) {
    user.asked = false;
    if (std::ranges::none_of(answer, is_lost)) user.waiting.pop_front();
  }
  if (user.asked || user.waiting.empty()) return;
  if (!user.client->is_up() || !user.client->client().is_logged_on()) return;
  user.asked = true;
  send(*user.client, user.waiting.front());
}

void ScenarioClients::insist(System& client) {
  User& user = users_[client.number()];
  const auto& answer = ledger_.answer(client);
  if (user.client == nullptr || !user.waiting.empty() || std::ranges::none_of(answer, is_refused))
    return;
  if (!user.refused) user.refused = world_.now();
  if (world_.now() < *user.refused + time_before_asking_again) return;
  user.refused.reset();
  user.waiting.push_back(user.last);
  look(user);
}

}  // namespace bivouac::sim
