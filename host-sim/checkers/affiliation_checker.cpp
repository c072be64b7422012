// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/affiliation_checker.h"

#include <algorithm>
#include <vector>

#include "core/base/limits.h"
#include "core/store/record.h"
#include "core/wire/affiliation_codec.h"
#include "core/wire/user_profile_codec.h"
#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
// ---- what is stored

void AffiliationChecker::take_stock(const System& system, Node& node) {
  node.held.clear();
  node.most.clear();
  const store::View view = system.durable();
  for (const StoredAffiliation& one : read_affiliations(view)) node.held[one.place] = one.status;
  for (const auto& [key, value] : view.scan(store::prefix(store::RecordKind::user))) {
    const auto* bytes = store::get<store::fb::User>(value).profile();
    const auto profile = wire::decode_profile({bytes->data(), bytes->size()});
    if (profile) node.most[profile->mc_service_id] = profile->affiliations_max;
  }
}

void AffiliationChecker::on_started(const System& system) {
  ++moment_;
  Node& node = nodes_[system.id()];
  node.started = world().now();
  if (system.is_client()) return;
  take_stock(system, node);
  node.asked.clear();
  for (auto& [device, session] : node.sessions) session = {false, world().now()};
  judge_rules(system, node);
}

void AffiliationChecker::on_fault(FaultKind kind, const System& a, const System*) {
  ++moment_;
  Node& node = nodes_[a.id()];
  if (kind == FaultKind::store_lost || kind == FaultKind::store_damaged) {
    node.promises.clear();
    node.held.clear();
    node.damaged = true;
  }
  if (kind != FaultKind::reloaded) return;
  judge_rules(a, node);
  // What its overlays leave of a partner's group may be no service that its users have.
  for (const auto& [place, status] : node.held) {
    if (home_of(place.group) != a.id()) node.occasions[place].forbidden = moment_;
  }
}

void AffiliationChecker::on_durable(const System& system, std::span<const store::Mutation> batch) {
  ++moment_;
  Node& node = nodes_[system.id()];
  bool renamed = false;
  for (const store::Mutation& mutation : batch) {
    const store::RecordKind kind = mutation.key.kind();
    if (kind == store::RecordKind::affiliation) on_affiliation(system, node, mutation);
    if (kind == store::RecordKind::user) on_user(system, node, mutation);
    if (kind == store::RecordKind::group) on_group(system, node, mutation);
    // A name that was lost may be known again, by what it was found in.
    renamed = renamed || (node.damaged && kind == store::RecordKind::identity);
  }
  if (renamed) take_stock(system, node);
}

void AffiliationChecker::on_affiliation(const System& system, Node& node,
                                        const store::Mutation& mutation) {
  const AffiliationPlace place = affiliation_place(system.durable(), mutation.key);
  const auto held = node.held.find(place);
  const bool was_wanted = held != node.held.end() && is_wanted(held->second);
  if (held != node.held.end() && held->second == AffiliationStatus::affiliated)
    node.was_affiliated[place] = moment_;
  bool wanted = false;
  if (mutation.erase) {
    node.held.erase(place);
  } else {
    const Bytes aligned(mutation.value.begin(), mutation.value.end());
    const auto status =
        static_cast<AffiliationStatus>(store::get<store::fb::Affiliation>(aligned).status());
    node.held[place] = status;
    wanted = is_wanted(status);
  }
  if (wanted == was_wanted) return;
  judge_transition(system, node, place, was_wanted, wanted);
  if (wanted) judge_count(system, node, place.user);
}

void AffiliationChecker::on_user(const System& system, Node& node,
                                 const store::Mutation& mutation) {
  std::optional<UserProfile> profile;
  if (!mutation.erase) {
    const Bytes aligned(mutation.value.begin(), mutation.value.end());
    const auto* bytes = store::get<store::fb::User>(aligned).profile();
    const auto decoded = wire::decode_profile({bytes->data(), bytes->size()});
    if (decoded) profile = *decoded;
  }
  const std::string user = identity_text(system.durable(), mutation.key.number_at(4));
  const std::uint32_t before =
      std::exchange(node.most[user], profile ? profile->affiliations_max : 0);
  if (node.most[user] < before) node.crowded[user] = moment_;
  for (const auto& [place, status] : node.held) {
    if (place.user != user) continue;
    if (!profile || !is_open_to(system.configuration(), *profile, place.group))
      node.occasions[place].forbidden = moment_;
  }
}

/// Also of partners' groups, as far as they are cached: their rules are known there as well.
void AffiliationChecker::on_group(const System& system, Node& node,
                                  const store::Mutation& mutation) {
  const std::string group_id = identity_text(system.durable(), mutation.key.number_at(4));
  std::optional<StoredGroup> group;
  if (!mutation.erase) group = read_group(system.durable(), mutation.key, mutation.value);
  const Services services = group ? group->original.services : Services{};
  // What both have may be none now, where a partner has a part in it.
  const bool others = std::exchange(node.services[group_id], services) != services;
  for (const auto& [place, status] : node.held) {
    if (place.group != group_id) continue;
    const bool partners = home_of(place.user) != system.id() || home_of(group_id) != system.id();
    if (!group || (partners && others) || !admits(group->original, place.user))
      node.occasions[place].forbidden = moment_;
  }
}

/// A partner that came or went, or whose rights were changed, may have lost what depends on it.
void AffiliationChecker::judge_rules(const System& system, Node& node) {
  const auto& configuration = system.configuration();
  const auto trusts = [&](std::string_view home) {
    return home == system.id() || configuration.partner(home) != nullptr;
  };
  for (const auto& [place, status] : node.held) {
    const std::string group_home = home_of(place.group);
    const std::string user_home = home_of(place.user);
    bool allowed = trusts(group_home) && trusts(user_home);
    if (allowed && user_home != system.id()) {
      allowed = may_affiliate(configuration, user_home, place.group);
    } else if (allowed) {
      const auto profile = find_profile(system.durable(), place.user);
      allowed = profile && is_open_to(configuration, *profile, place.group);
    }
    if (!allowed) node.occasions[place].forbidden = moment_;
  }
}

// ---- what is right

void AffiliationChecker::judge_transition(const System& system, Node& node,
                                          const AffiliationPlace& place, bool was_wanted,
                                          bool is_wanted) {
  const auto found = node.promises.find(place);
  if (found == node.promises.end()) return;
  const Promise promise = found->second;
  if (promise.stands && was_wanted && !may_have_ended(system, node, place, promise.since)) {
    violated(system.id() + " ends the acknowledged affiliation of " + in_words(place) +
             " without a reason");
  }
  if (!promise.stands && is_wanted && !may_have_begun(node, place, promise.since)) {
    violated(system.id() + " brings back the acknowledged de-affiliation of " + in_words(place));
  }
  node.promises.erase(found);
}

bool AffiliationChecker::may_have_ended(const System& system, const Node& node,
                                        const AffiliationPlace& place, Moment since) const {
  const Device device{place.user, place.client};
  if (const auto its = node.occasions.find(place); its != node.occasions.end()) {
    const Occasions& o = its->second;
    if (std::max({o.left, o.forbidden, o.refused}) >= since) return true;
  }
  const auto is_after = [&](const auto& moments, const auto& key) {
    const auto its = moments.find(key);
    return its != moments.end() && its->second >= since;
  };
  if (is_after(node.logged_off, device) || is_after(node.crowded, place.user)) return true;
  if (home_of(place.group) != system.id()) {
    // What is cached of a partner's group may be older than what its home has granted by.
    const auto cached = find_group(system.durable(), place.group);
    if (cached && !admits(cached->original, place.user)) return true;
  }
  const auto session = node.sessions.find(device);
  const MonoMs ended = session == node.sessions.end() ? node.started : session->second.ended;
  const bool up = session != node.sessions.end() && session->second.up;
  if (!up) return world().now() - ended >= DurationMs{limits::affiliation_grace_ms};
  // A connection is no log-on: a restart may have lost that the client has logged off.
  const auto& clients = world().clients();
  const auto client = std::ranges::find_if(clients, [&](const auto& one) {
    return one->client_options().mc_service_id == place.user &&
           one->client_options().client_id == place.client;
  });
  return client != clients.end() && !(*client)->client().is_logged_on() &&
         world().now() - node.started >= DurationMs{limits::affiliation_grace_ms};
}

bool AffiliationChecker::may_have_begun(const Node& node, const AffiliationPlace& place,
                                        Moment since) {
  const auto its = node.occasions.find(place);
  return its != node.occasions.end() && std::max(its->second.wished, its->second.kept) >= since;
}

/// Who had more of N2 before loses what is too much soon; nothing is added until then.
void AffiliationChecker::judge_count(const System& system, Node& node, const std::string& user) {
  const auto most = node.most.find(user);
  if (home_of(user) != system.id() || most == node.most.end() || node.damaged) return;
  std::set<std::string_view> groups;
  for (const auto& [place, status] : node.held) {
    if (place.user == user && is_wanted(status)) groups.insert(place.group);
  }
  if (groups.size() <= most->second) return;
  const auto crowded = node.crowded.find(user);
  const bool is_new = crowded == node.crowded.end() || crowded->second != moment_;
  if (is_new) {
    violated(system.id() + " affiliates " + user + " to " + std::to_string(groups.size()) +
             " groups, and N2 is " + std::to_string(most->second));
  }
}

// ---- what is asked and answered

}  // namespace bivouac::sim
