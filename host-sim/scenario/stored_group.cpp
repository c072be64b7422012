// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/stored_group.h"

#include <algorithm>

#include "core/gms/group_record.h"
#include "core/store/record.h"
#include "host-sim/scenario/values.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {
namespace {

struct Fact {
  std::string_view key;
  std::string (*write)(const GroupThere& group);
};
constexpr Fact facts[] = {
    {"home", [](const GroupThere& group) { return short_identity(group.home); }},
    {"version", [](const GroupThere& group) { return std::to_string(group.version); }},
    {"revision", [](const GroupThere& group) { return std::to_string(group.revision); }},
    {"stale", [](const GroupThere& group) { return write_value(group.stale); }},
    {"orphaned", [](const GroupThere& group) { return write_value(group.orphaned); }},
    {"servers", [](const GroupThere& group) { return write_value(group.servers); }},
};

std::string text_of(const store::View& view, IdentityNumber number) {
  const auto* record = store::find<store::fb::Identity>(view, store::identity_key(number));
  return record == nullptr ? "" : record->text()->str();
}

}  // namespace

IdentityNumber number_of(const store::View& view, std::string_view text) {
  for (const auto& [key, value] : view.scan(store::prefix(store::RecordKind::identity))) {
    if (store::get<store::fb::Identity>(value).text()->string_view() == text) {
      return {key.number_at(4)};
    }
  }
  return {};
}

std::optional<GroupThere> find_stored(const System& system, std::string_view group_id,
                                      const Ledger& ledger) {
  const store::View view = system.view();
  const IdentityNumber number = number_of(view, group_id);
  const auto* record = store::find<store::fb::Group>(view, store::group_key(number));
  if (!number.is_set() || record == nullptr) return std::nullopt;
  const std::optional<GroupConfiguration> original = gms::original(*record);
  const std::optional<GroupConfiguration> effective = gms::effective(*record);
  if (!original || !effective) return std::nullopt;
  GroupThere group;
  group.original = *original;
  group.effective = *effective;
  const IdentityNumber home{record->home_system()};
  group.home = text_of(view, home);
  group.version = record->version();
  group.revision = record->exposed_revision();
  group.orphaned = record->orphaned();
  if (group.home != system.id()) {
    const auto* peer = store::find<store::fb::Peer>(view, store::peer_key(home));
    const bool told = peer != nullptr && peer->incarnation() == record->home_incarnation();
    group.stale = group.orphaned || !told || !ledger.is_link_up(system, group.home);
  }
  for (const Service service : all_services) {
    const auto key = store::policy_key(static_cast<std::uint8_t>(service), number);
    if (view.find(key) != nullptr) group.servers = group.servers | Services::of(service);
  }
  return group;
}

bool is_subscriber(const System& home, std::string_view group_id, std::string_view partner) {
  const store::View view = home.view();
  const store::Key key =
      store::subscription_key(number_of(view, group_id), number_of(view, partner));
  return view.find(key) != nullptr;
}

KeysThere find_stored_keys(const System& system, std::string_view group_id) {
  KeysThere stored;
  const store::View view = system.view();
  const auto* keys =
      store::find<store::fb::GroupKeys>(view, store::keys_key(number_of(view, group_id)));
  if (keys == nullptr || !system.is_up()) return stored;  // sealed while it is down
  stored.lost = keys->lost();
  stored.envelopes = keys->envelopes()->size();
  for (const auto* one : *keys->envelopes()) {
    const std::string recipient = one->recipient()->str();
    if (stored.recipients.empty() || stored.recipients.back() != recipient)
      stored.recipients.push_back(recipient);
  }
  return stored;
}

AffiliationThere find_stored_affiliation(const System& system, std::string_view user,
                                         std::string_view group_id) {
  const auto rank = [](AffiliationStatus status) {
    if (status == AffiliationStatus::affiliated) return 3;
    if (status == AffiliationStatus::affiliating) return 2;
    return status == AffiliationStatus::deaffiliating ? 1 : 0;
  };
  AffiliationThere stored;
  const store::View view = system.view();
  const IdentityNumber user_number = number_of(view, user);
  const IdentityNumber group = number_of(view, group_id);
  if (!user_number.is_set() || !group.is_set()) return stored;
  for (const auto& [key, value] :
       view.scan(store::prefix(store::RecordKind::affiliation, user_number.value))) {
    if (key.number_at(8) != group.value) continue;
    const auto& record = store::get<store::fb::Affiliation>(value);
    const AffiliationStatus status{record.status()};
    if (rank(status) > rank(stored.status)) stored.status = status;
    stored.services.bits |= record.services();
    ++stored.clients;
  }
  stored.told = view.find(store::affiliated_key(group, user_number)) != nullptr;
  return stored;
}

std::span<const std::string_view> record_facts() {
  static constexpr auto keys = [] {
    std::array<std::string_view, std::size(facts)> list;
    for (std::size_t i = 0; i < list.size(); ++i) list[i] = facts[i].key;
    return list;
  }();
  return keys;
}

bool is_record_fact(std::string_view key) {
  return std::ranges::find(facts, key, &Fact::key) != std::end(facts);
}

std::string record_fact(const GroupThere& group, std::string_view key) {
  const auto* found = std::ranges::find(facts, key, &Fact::key);
  return found == std::end(facts) ? "" : found->write(group);
}

}  // namespace bivouac::sim
