// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/records.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/base/limits.h"
#include "core/store/record.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/user_profile_codec.h"
#include "host-sim/world/system.h"

namespace bivouac::sim {

std::string identity_text(const store::View& view, std::uint32_t number) {
  const auto* record = store::find<store::fb::Identity>(view, store::identity_key({number}));
  return record == nullptr ? "" : record->text()->str();
}

std::optional<StoredGroup> read_group(const store::View& view, const store::Key& key,
                                      ByteView value) {
  if (key.kind() != store::RecordKind::group) return std::nullopt;
  const Bytes aligned(value.begin(), value.end());
  const auto& record = store::get<store::fb::Group>(aligned);
  const auto configuration =
      wire::decode({record.configuration()->data(), record.configuration()->size()});
  if (!configuration) return std::nullopt;
  StoredGroup group;
  group.number = key.number_at(4);
  group.group_id = configuration->group_id;
  group.home = identity_text(view, record.home_system());
  group.version = record.version();
  group.revision = record.exposed_revision();
  group.home_incarnation = record.home_incarnation();
  group.stored_wall_ms = record.stored_wall_ms();
  group.orphaned = record.orphaned();
  group.original = *configuration;
  return group;
}

std::vector<StoredGroup> read_groups(const store::View& view) {
  std::vector<StoredGroup> groups;
  for (const auto& [key, value] : view.scan(store::prefix(store::RecordKind::group))) {
    if (auto group = read_group(view, key, value)) groups.push_back(*std::move(group));
  }
  return groups;
}

std::optional<StoredGroup> find_group(const store::View& view, std::string_view group_id) {
  for (const auto& [key, value] : view.scan(store::prefix(store::RecordKind::group))) {
    if (identity_text(view, key.number_at(4)) == group_id) return read_group(view, key, value);
  }
  return std::nullopt;
}

std::optional<std::vector<KeyEnvelope>> find_keys(const store::View& view,
                                                  std::string_view group_id) {
  const auto group = find_group(view, group_id);
  if (!group) return std::nullopt;
  const auto* keys = store::find<store::fb::GroupKeys>(view, store::keys_key({group->number}));
  if (keys == nullptr || keys->lost()) return std::nullopt;
  std::vector<KeyEnvelope> found;
  for (const auto* one : *keys->envelopes()) {
    found.push_back({one->recipient()->str(),
                     {one->gmk_id()},
                     one->expiry_wall_ms(),
                     Bytes(one->bytes()->begin(), one->bytes()->end())});
  }
  return found;
}

std::uint64_t incarnation_of(const store::View& view) {
  const auto* meta = store::find<store::fb::Meta>(view, store::meta_key());
  return meta == nullptr ? 0 : meta->incarnation();
}

Asked asked_for(const store::View& home, std::uint32_t group, std::string_view partner) {
  for (const auto& [key, value] : home.scan(store::prefix(store::RecordKind::exposure, group))) {
    if (identity_text(home, key.number_at(8)) != partner) continue;
    const auto& exposure = store::get<store::fb::Exposure>(value);
    if (!exposure.asked()) return Asked::no;
    const bool told =
        exposure.pending_exchange() != 0 || exposure.acknowledged_revision() == exposure.revision();
    return told ? Asked::and_told : Asked::and_answered;
  }
  return Asked::no;
}

bool holds_subscription(const store::View& home, std::uint32_t group, std::string_view partner) {
  for (const auto& [key, value] :
       home.scan(store::prefix(store::RecordKind::subscription, group))) {
    if (identity_text(home, key.number_at(8)) == partner) return true;
  }
  return false;
}

bool has_subscribed(const store::View& partner, std::string_view group_id, std::string_view home) {
  constexpr std::uint8_t unwanted = 2;
  for (const auto& [key, value] : partner.scan(store::prefix(store::RecordKind::subscribed))) {
    if (identity_text(partner, key.number_at(4)) != group_id) continue;
    const auto& record = store::get<store::fb::Subscribed>(value);
    return record.wish() != unwanted && identity_text(partner, record.home_system()) == home;
  }
  return false;
}

std::string in_words(const AffiliationPlace& place) {
  return place.user + " by " + (place.client.empty() ? "all clients" : place.client) + " to " +
         place.group;
}

AffiliationPlace affiliation_place(const store::View& view, const store::Key& key) {
  return {identity_text(view, key.number_at(4)), identity_text(view, key.number_at(12)),
          identity_text(view, key.number_at(8))};
}

std::vector<StoredAffiliation> read_affiliations(const store::View& view) {
  std::vector<StoredAffiliation> all;
  for (const auto& [key, value] : view.scan(store::prefix(store::RecordKind::affiliation))) {
    const auto& record = store::get<store::fb::Affiliation>(value);
    all.push_back({affiliation_place(view, key),
                   static_cast<AffiliationStatus>(record.status()),
                   {record.services()}});
  }
  return all;
}

std::optional<UserProfile> find_profile(const store::View& view, std::string_view user) {
  for (const auto& [key, value] : view.scan(store::prefix(store::RecordKind::user))) {
    if (identity_text(view, key.number_at(4)) != user) continue;
    const auto* bytes = store::get<store::fb::User>(value).profile();
    const auto profile = wire::decode_profile({bytes->data(), bytes->size()});
    if (profile) return *profile;
  }
  return std::nullopt;
}

std::string home_of(std::string_view identity) {
  const std::size_t scheme = identity.find(':') + 1;
  return std::string(identity.substr(0, scheme)) +
         std::string(identity.substr(identity.find('@') + 1));
}

bool admits(const GroupConfiguration& group, std::string_view user) {
  return !group.disabled &&
         std::ranges::find(group.members, user, &GroupMember::mc_service_id) != group.members.end();
}

bool may_affiliate(const engine::Configuration& home, std::string_view partner,
                   std::string_view group) {
  const engine::Partner* its = home.partner(partner);
  return its != nullptr && matches_any(its->rights.affiliate, group);
}

bool is_open_to(const engine::Configuration& home, const UserProfile& profile,
                std::string_view group) {
  const engine::Partner* its = home.home_of_group(group);
  return (its != nullptr && !its->affiliate_by_profile) ||
         std::ranges::any_of(profile.groups,
                             [&](const ProfileGroup& one) { return one.group_id == group; });
}

std::optional<Told> told_in(const wire::fb::Envelope& envelope) {
  if (const auto* push = envelope.body_as_GroupConfigurationProvisionRequest()) {
    return Told{push->group_id()->str(), push->exposed_revision(), push->configuration(), false};
  }
  if (const auto* notify = envelope.body_as_GroupInformationNotifyRequest()) {
    return Told{notify->group_id()->str(), notify->exposed_revision(), notify->configuration(),
                true};
  }
  return std::nullopt;
}

bool accepts(const wire::fb::Envelope& envelope) {
  if (const auto* provided = envelope.body_as_GroupConfigurationProvisionResponse())
    return provided->result() == wire::fb::Result::success;
  const auto* notified = envelope.body_as_GroupInformationNotifyResponse();
  return notified != nullptr && notified->result() == wire::fb::Result::success;
}

const wire::fb::Envelope& envelope_in(const Flight& flight) {
  return *wire::fb::GetEnvelope(flight.frame->data() + limits::frame_header_bytes);
}

bool is_forwarded(const Flight& flight) {
  const auto* origin = envelope_in(flight).origin();
  return origin != nullptr && origin->string_view() != flight.from->id();
}

GroupConfiguration served(const GroupConfiguration& original, const engine::Partner& own_rules) {
  GroupConfiguration result = original;
  const auto overlay = std::ranges::find_if(
      own_rules.overlays, [&](const auto& one) { return matches(one.groups, original.group_id); });
  if (overlay == own_rules.overlays.end()) return result;
  result.group_priority = overlay->group_priority.value_or(result.group_priority);
  result.alias = overlay->alias.value_or(result.alias);
  if (overlay->permitted_area) result.permitted_area = overlay->permitted_area;
  const auto dropped = static_cast<unsigned>(overlay->drop_services.bits);
  result.services.bits = static_cast<std::uint8_t>(result.services.bits & ~dropped);
  return result;
}

}  // namespace bivouac::sim
