// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/affiliations.h"

#include "core/base/planted.h"
#include "core/store/record.h"

namespace bivouac::mcs {
namespace {

using store::RecordKind;

}  // namespace

Affiliation read_affiliation(const store::Key& key, const store::fb::Affiliation& record) {
  Affiliation affiliation;
  affiliation.group = {key.number_at(8)};
  affiliation.client = {key.number_at(12)};
  affiliation.status = static_cast<AffiliationStatus>(record.status());
  affiliation.sources.bits = record.sources();
  affiliation.services.bits = record.services();
  affiliation.changed_by = {record.changed_by()};
  affiliation.changed_wall_ms = record.changed_wall_ms();
  affiliation.cause = static_cast<Cause>(record.cause());
  return affiliation;
}

void Affiliations::remember(const Place& place, AffiliationStatus status) {
  const auto [entry, is_new] = by_group_.try_emplace(place, status);
  if (!is_new) --counts_[static_cast<std::size_t>(entry->second)];
  entry->second = status;
  ++counts_[static_cast<std::size_t>(status)];
}

void Affiliations::forget(const Place& place) {
  const auto found = by_group_.find(place);
  if (found == by_group_.end()) return;
  --counts_[static_cast<std::size_t>(found->second)];
  by_group_.erase(found);
}

void Affiliations::start(const store::View& view) {
  for (const auto& [key, value] : view.scan(store::prefix(RecordKind::affiliation))) {
    const Affiliation one = read_affiliation(key, store::get<store::fb::Affiliation>(value));
    const IdentityNumber user{key.number_at(4)};
    remember(Place{one.group, user, one.client}, one.status);
    if (one.is_pending() && !is_planted(Planted::pending_lost_at_restart))
      pending_.insert(Pending{{user, one.client}, one.group});
  }
}

std::vector<Affiliation> Affiliations::of_user(const engine::Context& context,
                                               IdentityNumber user) const {
  std::vector<Affiliation> all;
  if (!user.is_set()) return all;
  for (const auto& [key, value] :
       context.view.scan(store::prefix(RecordKind::affiliation, user.value)))
    all.push_back(read_affiliation(key, store::get<store::fb::Affiliation>(value)));
  return all;
}

void Affiliations::put(engine::Context& context, IdentityNumber user, const Affiliation& one) {
  flatbuffers::FlatBufferBuilder builder;
  const auto record = store::fb::CreateAffiliation(
      builder, static_cast<std::uint8_t>(one.status), one.sources.bits, one.services.bits,
      one.changed_by.value, one.changed_wall_ms, static_cast<std::uint16_t>(one.cause));
  if (!is_planted(Planted::affiliation_not_stored))
    context.effects.put(store::affiliation_key(user, one.group, one.client),
                        store::finish(builder, record));
  remember(Place{one.group, user, one.client}, one.status);
  const Pending pending{{user, one.client}, one.group};
  if (one.is_pending()) {
    pending_.insert(pending);
    changed_.insert(pending.client);
  } else {
    pending_.erase(pending);
  }
}

void Affiliations::erase(engine::Context& context, IdentityNumber user, const Affiliation& one) {
  context.effects.erase(store::affiliation_key(user, one.group, one.client));
  forget(Place{one.group, user, one.client});
  pending_.erase(Pending{{user, one.client}, one.group});
}

std::vector<IdentityNumber> Affiliations::users_of(IdentityNumber group) const {
  std::vector<IdentityNumber> users;
  for (auto place = by_group_.lower_bound(Place{group, {}, {}});
       place != by_group_.end() && place->first.group == group; ++place) {
    if (users.empty() || users.back() != place->first.user) users.push_back(place->first.user);
  }
  return users;
}

std::vector<IdentityNumber> Affiliations::users_after(const engine::Context& context,
                                                      IdentityNumber after, std::size_t count_max) {
  std::vector<IdentityNumber> users;
  store::Key last = store::affiliation_key(after, {~0U}, {~0U});
  while (users.size() < count_max) {
    const auto rest = context.view.scan_after(store::prefix(RecordKind::affiliation), last);
    if (rest.empty()) break;
    users.push_back({rest.begin()->first.number_at(4)});
    last = store::affiliation_key(users.back(), {~0U}, {~0U});
  }
  return users;
}

}  // namespace bivouac::mcs
