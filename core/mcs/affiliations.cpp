// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/affiliations.h"

#include "core/base/planted.h"
#include "core/store/record.h"

namespace bivouac::mcs {
namespace {

using store::RecordKind;

Affiliation read(const store::Key& key, const store::fb::Affiliation& record) {
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

}  // namespace

void Affiliations::start(const store::View& view) {
  for (const auto& [key, value] : view.scan(store::prefix(RecordKind::affiliation))) {
    const Affiliation one = read(key, store::get<store::fb::Affiliation>(value));
    const IdentityNumber user{key.number_at(4)};
    by_group_.insert(Place{one.group, user, one.client});
    if (one.is_pending()) pending_.insert(Pending{{user, one.client}, one.group});
  }
}

std::vector<Affiliation> Affiliations::of_user(const engine::Context& context,
                                               IdentityNumber user) const {
  std::vector<Affiliation> all;
  if (!user.is_set()) return all;
  for (const auto& [key, value] :
       context.view.scan(store::prefix(RecordKind::affiliation, user.value)))
    all.push_back(read(key, store::get<store::fb::Affiliation>(value)));
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
  by_group_.insert(Place{one.group, user, one.client});
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
  by_group_.erase(Place{one.group, user, one.client});
  pending_.erase(Pending{{user, one.client}, one.group});
}

std::vector<ClientPlace> Affiliations::places_of(IdentityNumber group) const {
  std::vector<ClientPlace> places;
  for (auto place = by_group_.lower_bound(Place{group, {}, {}});
       place != by_group_.end() && place->group == group; ++place)
    places.push_back({place->user, place->client});
  return places;
}

std::vector<IdentityNumber> Affiliations::users_of(IdentityNumber group) const {
  std::vector<IdentityNumber> users;
  for (auto place = by_group_.lower_bound(Place{group, {}, {}});
       place != by_group_.end() && place->group == group; ++place) {
    if (users.empty() || users.back() != place->user) users.push_back(place->user);
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
