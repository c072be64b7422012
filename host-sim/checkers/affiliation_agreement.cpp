// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/affiliation_agreement.h"

#include <algorithm>

#include "core/store/record.h"
#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
namespace {

std::string in_words(AffiliationStatus status, Services services) {
  std::string words(name(status));
  for (const Service service : all_services) {
    if (services.has(service)) words += " " + std::string(name(service));
  }
  return words;
}

}  // namespace

void AffiliationAgreement::on_fault(FaultKind kind, const System& a, const System*) {
  if (kind == FaultKind::store_lost || kind == FaultKind::store_damaged) forgetful_.insert(a.id());
}

bool AffiliationAgreement::are_linked(const System& a, const std::string& b) const {
  const auto& systems = world().systems();
  const auto other =
      std::ranges::find_if(systems, [&](const auto& system) { return system->id() == b; });
  return other != systems.end() && (*other)->is_up() && a.configuration().partner(b) != nullptr &&
         (*other)->configuration().partner(a.id()) != nullptr;
}

void AffiliationAgreement::at_rest() {
  for (const auto& system : world().systems()) {
    if (!system->is_up()) continue;
    for (const StoredAffiliation& one : read_affiliations(system->view()))
      held_[system->id()][one.place] = one;
  }
  for (const auto& system : world().systems()) {
    if (!system->is_up()) continue;
    judge_system(*system);
    judge_record(*system);
    for (const auto& other : world().systems()) {
      if (other->is_up() && are_linked(*system, other->id())) judge_pair(*system, *other);
    }
  }
  for (const auto& client : world().clients()) {
    if (client->is_up() && client->client().is_logged_on()) judge_client(*client);
  }
}

// ---- what may stand

void AffiliationAgreement::judge_system(const System& system) {
  for (const auto& [place, one] : held_[system.id()]) {
    if (place.user.empty() || place.group.empty()) continue;  // a salvaged store lost the name
    if (!is_wanted(one.status)) {
      if (are_linked(system, home_of(place.group)))
        violated(system.id() + " has not said yet that it ended: " + in_words(place));
      continue;
    }
    if (home_of(place.user) == system.id()) {
      judge_own_user(system, one);
    } else {
      judge_partners_user(system, one);
    }
  }
}

void AffiliationAgreement::judge_own_user(const System& system, const StoredAffiliation& one) {
  const AffiliationPlace& place = one.place;
  const std::string what = system.id() + " affiliates " + in_words(place);
  const auto profile = find_profile(system.view(), place.user);
  if (!profile) return violated(what + ", who has no profile");
  if (!is_open_to(system.configuration(), *profile, place.group))
    return violated(what + ", which is not in the profile");
  if (home_of(place.group) != system.id()) {
    if (one.status == AffiliationStatus::affiliating && are_linked(system, home_of(place.group)))
      violated(what + ": it is pending, and its home in reach");
    return;
  }
  if (one.status != AffiliationStatus::affiliated) return violated(what + ": its home is here");
  const auto group = find_group(system.view(), place.group);
  if (!group) return violated(what + ", which there is not");
  if (!admits(group->original, place.user)) return violated(what + ", which does not admit it");
  const Services services =
      group->original.services & profile->services & system.configuration().services;
  if (services.empty() || services != one.services)
    violated(what + " for " + in_words(one.status, one.services) + ", not for " +
             in_words(one.status, services));
}

void AffiliationAgreement::judge_partners_user(const System& system, const StoredAffiliation& one) {
  const AffiliationPlace& place = one.place;
  const std::string what = system.id() + " affiliates a partner's user: " + in_words(place);
  if (one.status != AffiliationStatus::affiliated) return violated(what + ": it is not settled");
  if (system.configuration().partner(home_of(place.user)) == nullptr)
    return violated(what + ", whose home is no partner any more");
  if (!may_affiliate(system.configuration(), home_of(place.user), place.group))
    return violated(what + ", and the right is withdrawn");
  const auto group = find_group(system.view(), place.group);
  if (!group || home_of(place.group) != system.id()) return violated(what + ", which there is not");
  if (!admits(group->original, place.user)) violated(what + ", which does not admit it");
}

// ---- who says the same

/// What the group management server was told is what the MC service server answers for.
void AffiliationAgreement::judge_record(const System& system) {
  std::map<std::pair<std::string, std::string>, Services> expected;
  for (const auto& [place, one] : held_[system.id()]) {
    const bool counts = one.status == AffiliationStatus::affiliated &&
                        home_of(place.group) == system.id() && !place.user.empty() &&
                        !place.group.empty();
    if (!counts) continue;
    Services& services = expected[{place.group, place.user}];
    services = services | one.services;
  }
  std::map<std::pair<std::string, std::string>, Services> found;
  const store::View view = system.view();
  for (const auto& [key, value] : view.scan(store::prefix(store::RecordKind::affiliated))) {
    const Services services{store::get<store::fb::Affiliated>(value).services()};
    found[{identity_text(view, key.number_at(4)), identity_text(view, key.number_at(8))}] =
        services;
  }
  if (forgetful_.contains(system.id())) return;
  for (const auto& [place, services] : expected) {
    const auto known = found.find(place);
    if (known == found.end() || known->second != services)
      violated("the group management server of " + system.id() + " does not know of " +
               place.second + " in " + place.first);
  }
  for (const auto& [place, services] : found) {
    if (!expected.contains(place))
      violated("the group management server of " + system.id() + " takes " + place.second +
               " for affiliated to " + place.first);
  }
}

void AffiliationAgreement::judge_pair(const System& user_home, const System& group_home) {
  const auto concerns = [&](const AffiliationPlace& place) {
    return home_of(place.user) == user_home.id() && home_of(place.group) == group_home.id();
  };
  const Held& there = held_[group_home.id()];
  const Held& here = held_[user_home.id()];
  for (const auto& [place, one] : here) {
    if (!concerns(place) || one.status != AffiliationStatus::affiliated) continue;
    const auto its = there.find(place);
    if (its == there.end()) {
      violated(user_home.id() + " affiliates " + in_words(place) + ", and its home does not");
    } else if (its->second.services != one.services) {
      violated(user_home.id() + " affiliates " + in_words(place) + " for other services than " +
               "its home");
    }
  }
  for (const auto& [place, one] : there) {
    const auto its = here.find(place);
    if (concerns(place) && (its == here.end() || !is_wanted(its->second.status)))
      violated(group_home.id() + " affiliates a partner's user: " + in_words(place) +
               ", and the user's home does not");
  }
}

/// A client that is logged on was told of everything that its user has.
void AffiliationAgreement::judge_client(const System& client) {
  const auto& its = client.client_options();
  const auto system = std::ranges::find_if(
      world().systems(), [&](const auto& one) { return one->id() == its.system; });
  const auto profile = find_profile((*system)->view(), its.mc_service_id);
  for (const auto& [user, told] : client.client().affiliations()) {
    const bool may_hear =
        user == its.mc_service_id || (profile && profile->request_affiliated_groups);
    if (!may_hear) {
      violated(client.id() + " was not told that it may not hear of " + user + " any more");
      continue;
    }
    std::map<AffiliationPlace, AffiliationStatus> believed;
    for (const GroupAffiliation& one : told) {
      if (is_wanted(one.status)) believed[{user, one.client_id, one.group_id}] = one.status;
    }
    std::map<AffiliationPlace, AffiliationStatus> held;
    for (const auto& [place, one] : held_[its.system]) {
      if (place.user == user && !place.group.empty() && is_wanted(one.status))
        held[place] = one.status;
    }
    if (believed == held) continue;
    for (const auto& [place, status] : held) {
      const auto known = believed.find(place);
      if (known == believed.end() || known->second != status)
        violated(client.id() + " was not told of " + in_words(place));
    }
    for (const auto& [place, status] : believed) {
      if (!held.contains(place)) violated(client.id() + " believes in " + in_words(place));
    }
  }
  const bool knows = client.client().affiliations().contains(its.mc_service_id);
  for (const auto& [place, one] : held_[its.system]) {
    if (place.user == its.mc_service_id && is_wanted(one.status) && !knows)
      violated(client.id() + " was told nothing, and has " + in_words(place));
  }
}

}  // namespace bivouac::sim
