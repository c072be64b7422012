// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/own/prefetch.h"

#include <algorithm>
#include <utility>

#include "core/engine/user_record.h"
#include "core/mcs/group_configuration.h"

namespace bivouac::mcs::own {
namespace {

constexpr std::size_t requests_per_slice = 4;

/// A service that some client of the user is logged on for; the group management server tells the
/// others by itself.
std::optional<Service> service_of(const engine::Context& context, std::string_view user) {
  const auto [first, last] = context.log_ons.of(user);
  for (auto client = first; client != last; ++client) {
    for (const Service service : all_services) {
      if (client->second.services.has(service)) return service;
    }
  }
  return std::nullopt;
}

}  // namespace

void Prefetch::link_came_up(const engine::Context& context) {
  for (const auto& [client, log_on] : context.log_ons.all()) users_.insert(client.mc_service_id);
}

bool Prefetch::go_on(engine::Context& context) {
  if (users_.empty() || on_the_way_.size() >= limits::prefetches_on_the_way_max) return false;
  const std::string user = *users_.begin();
  if (std::exchange(current_, user) != user) after_group_.clear();  // another came before the last
  const auto* profile = engine::find_user(context, user);
  const auto service = service_of(context, user);
  std::size_t asked = 0;
  if (profile != nullptr && profile->groups() != nullptr && service) {
    for (const wire::fb::ProfileGroup* group : *profile->groups()) {
      const std::string_view group_id = group->group_id()->string_view();
      if (group_id <= after_group_) continue;
      if (asked == requests_per_slice) return true;
      after_group_ = group_id;
      if (!group_configuration::services_that_hold(context, group_id).empty()) continue;
      const auto id = group_configuration::request(context, group_id, *service, false);
      if (id) on_the_way_.insert(*id);
      ++asked;
    }
  }
  users_.erase(user);
  after_group_.clear();
  return true;
}

}  // namespace bivouac::mcs::own
