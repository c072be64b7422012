// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/affiliation_exchange.h"

#include <algorithm>

#include "core/base/hash.h"
#include "core/store/key.h"

namespace bivouac::mcs {
namespace {

constexpr std::size_t identities_per_step = 2048;

}  // namespace

std::uint64_t digest_of(const ComparedStores& stores, const std::vector<GroupAffiliation>& groups) {
  std::uint64_t sum = 0;
  for (const GroupAffiliation& one : groups) {
    Bytes bytes(one.group_id.begin(), one.group_id.end());
    bytes.push_back(0);
    bytes.insert(bytes.end(), one.client_id.begin(), one.client_id.end());
    bytes.push_back(0);
    bytes.push_back(one.services.bits);
    sum += siphash(stores.user_home.value, stores.group_home.value, bytes);
  }
  return sum;
}

std::vector<std::string> users_in(const engine::Context& context, UserRange& range,
                                  const std::function<bool(std::string_view)>& is_meant) {
  std::vector<std::string> users;
  std::string_view reached = range.after;
  std::size_t examined = 0;
  for (const auto* next = context.identities.after(reached);
       next != nullptr && (range.until.empty() || next->first <= range.until);
       next = context.identities.after(reached)) {
    if (users.size() == limits::exchanged_users_max || examined == identities_per_step) {
      range.until = reached;
      break;
    }
    ++examined;
    reached = next->first;
    const auto its =
        context.view.scan(store::prefix(store::RecordKind::affiliation, next->second.value));
    if (!its.empty() && is_meant(next->first)) users.push_back(next->first);
  }
  return users;
}

std::vector<GroupAffiliation> settled_at(const engine::Context& context,
                                         const Affiliations& affiliations,
                                         std::string_view mc_service_id, std::string_view system) {
  std::vector<GroupAffiliation> groups;
  for (const Affiliation& one :
       affiliations.of_user(context, context.identities.find(mc_service_id))) {
    if (one.status != AffiliationStatus::affiliated) continue;
    std::string group_id(context.identities.text(context.view, one.group));
    const engine::Partner* home = context.configuration.home_of_group(group_id);
    if (group_id.empty() || (home == nullptr ? context.self() : home->system_id) != system)
      continue;
    groups.push_back({std::move(group_id), one.status, Cause::none, one.services,
                      std::string(context.identities.text(context.view, one.client))});
  }
  std::ranges::sort(groups, {}, [](const GroupAffiliation& one) {
    return std::tie(one.group_id, one.client_id);
  });
  return groups;
}

}  // namespace bivouac::mcs
