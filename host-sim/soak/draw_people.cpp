// SPDX-License-Identifier: Apache-2.0
// What a seed draws of people: users, their clients, and key material for them.
#include "host-sim/soak/drawer.h"

namespace bivouac::sim {

/// In every other seed some systems serve users, whose clients come and go.
void Drawer::draw_users() {
  const auto chance = [&](std::int64_t count) { return users_random_.below(count) == 0; };
  if (!chance(2)) return;
  std::vector<Statement> clients;
  for (const std::string& system : systems_) {
    for (const std::string_view person : {"ada", "ben"}) {
      if (chance(3)) continue;
      const std::string user = std::string(person) + "@" + system;
      std::string groups;
      for (const auto& [group, home] : groups_) {
        if (!chance(3)) groups += (groups.empty() ? "" : ",") + group;
      }
      Statement& declared = declare(Verb::user, {});
      declared.user = user;
      declared.settings = {{"groups", groups.empty() ? "none" : groups}};
      users_.emplace_back(user, system);
      for (const std::string_view device : {"phone", "tablet"}) {
        if (chance(2)) continue;
        Statement client;
        client.verb = Verb::client;
        client.client = user + "/" + std::string(device);
        client.system = system;
        clients_.push_back(client.client);
        clients.push_back(std::move(client));
      }
    }
  }
  for (Statement& client : clients) drawn_.scenario.declarations.push_back(std::move(client));
  for (const auto& [user, system] : users_) work(start_ms, Verb::import_user, system).user = user;
  for (const std::string& client : clients_) {
    work(start_ms, Verb::client_logs_on, {}).client = client;
  }
}

void Drawer::draw_wish(std::int64_t at_ms) {
  const auto below = [&](std::size_t count) {
    return static_cast<std::size_t>(users_random_.below(static_cast<std::int64_t>(count)));
  };
  if (clients_.empty()) return;
  const std::size_t which = below(100);
  const std::string group = groups_[below(groups_.size())].first;
  if (which < 4) {
    const auto& [user, system] = users_[below(users_.size())];
    work(at_ms, which == 0 ? Verb::remove_user : Verb::import_user, system).user = user;
    return;
  }
  const Verb verb = which < 60   ? Verb::client_subscribes
                    : which < 65 ? Verb::client_unsubscribes
                    : which < 85 ? Verb::client_gets
                    : which < 90 ? Verb::client_logs_off
                    : which < 97 ? Verb::client_logs_on
                                 : Verb::client_restarts;
  Statement& one = work(at_ms, verb, {});
  one.client = clients_[below(clients_.size())];
  const bool about_group = which < 85;
  if (about_group) one.group = group;
}

/// Of each group some people have key material, some of it for a while only.
void Drawer::draw_keys() {
  for (const auto& [group, home] : groups_) {
    for (const std::string& system : systems_) {
      for (const std::string_view person : {"ada", "ben"}) {
        if (keys_random_.below(3) == 0) continue;
        Statement& keys = declare(Verb::keys, {});
        keys.group = group;
        keys.user = std::string(person) + "@" + system;
        keys.settings = {{"gmk", std::to_string(1 + keys_random_.below(2))}};
        if (keys_random_.below(4) == 0)
          keys.settings.push_back({"expires", std::to_string(1 + keys_random_.below(40)) + "min"});
      }
    }
  }
}

/// An import of envelopes for somebody who is no member is refused whole: it names one user.
void Drawer::draw_key_work(std::int64_t at_ms) {
  const auto& declarations = drawn_.scenario.declarations;
  std::vector<const Statement*> keys;
  for (const Statement& one : declarations) {
    if (one.verb == Verb::keys) keys.push_back(&one);
  }
  if (keys.empty()) return;
  const Statement& one = *keys[static_cast<std::size_t>(keys_random_.below(std::ssize(keys)))];
  const bool removed = keys_random_.below(5) == 0;
  const std::string home = one.group.substr(one.group.find('@') + 1);
  Statement& request = work(at_ms, removed ? Verb::remove_keys : Verb::import_keys, home);
  request.group = one.group;
  if (removed) {
    request.settings = {one.settings.front()};
  } else {
    request.settings = {{"users", one.user}};
  }
}

}  // namespace bivouac::sim
