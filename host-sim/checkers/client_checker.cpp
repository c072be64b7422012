// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/client_checker.h"

#include <algorithm>

#include "host-sim/checkers/records.h"
#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
namespace {

bool has_member(const GroupConfiguration& group, std::string_view user) {
  return std::ranges::find(group.members, user, &GroupMember::mc_service_id) != group.members.end();
}

/// What the system uses of a group; none when it does not have it.
std::optional<GroupConfiguration> used(const System& system, std::string_view group_id) {
  const auto stored = find_group(system.view(), group_id);
  if (!stored) return std::nullopt;
  const engine::Partner* rules = system.configuration().partner(stored->home);
  return rules == nullptr ? stored->original : served(stored->original, *rules);
}

/// The user's envelopes of a group, as the system holds them.
std::vector<KeyEnvelope> held_keys(const System& system, std::string_view group_id,
                                   std::string_view user) {
  auto held = find_keys(system.view(), group_id).value_or(std::vector<KeyEnvelope>{});
  std::erase_if(held, [&](const KeyEnvelope& one) { return one.recipient != user; });
  return held;
}

}  // namespace

void ClientChecker::on_report(const System& client, const client::Report& report) {
  const GroupConfiguration* given = nullptr;
  if (report.kind == client::Report::Kind::got) given = &*report.configuration;
  const auto& copies = client.client().copies();
  if (report.kind == client::Report::Kind::notified) {
    const auto copy = copies.find(report.group_id);
    if (copy != copies.end()) given = &copy->second.configuration;
  }
  if (given == nullptr || has_member(*given, client.identity())) return;
  violated(client.id() + " is given " + report.group_id + ", of which its user is no member");
}

void ClientChecker::at_rest() {
  for (const auto& client : world().clients()) {
    if (!client->is_up() || !client->client().is_logged_on()) continue;
    for (const auto& system : world().systems()) {
      if (system->id() == client->client_options().system && system->is_up())
        judge(*client, *system);
    }
  }
}

void ClientChecker::judge(const System& client, const System& its_system) {
  const auto profile = find_profile(its_system.view(), client.identity());
  if (!profile) return violated(client.id() + " is logged on without a profile");
  const auto& copies = client.client().copies();
  for (const auto& [group_id, confirmed] : client.client().subscriptions()) {
    const auto group = used(its_system, group_id);
    const bool listed = std::ranges::any_of(
        profile->groups, [&](const ProfileGroup& one) { return one.group_id == group_id; });
    const bool entitled = listed && group && has_member(*group, client.identity()) &&
                          !(group->services & client.client().services()).empty();
    const auto copy = copies.find(group_id);
    const std::string who = client.id() + " and " + group_id;
    if (!entitled && copy != copies.end()) violated(who + ": it should have been withdrawn");
    if (!entitled || !confirmed) continue;
    if (copy == copies.end()) {
      violated(who + ": it was not told of it");
    } else if (copy->second.configuration != *group) {
      violated(who + ": it holds something else than what is used there");
    } else if (copy->second.keys != held_keys(its_system, group_id, client.identity())) {
      violated(who + ": it holds other key material than its system has for it");
    }
  }
}

}  // namespace bivouac::sim
