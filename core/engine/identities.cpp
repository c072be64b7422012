// SPDX-License-Identifier: Apache-2.0
#include "core/engine/identities.h"

#include <algorithm>
#include <vector>

#include "core/store/record.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::engine {
namespace {

constexpr std::size_t erased_per_start_max = 100;
constexpr std::size_t mended_per_start_max = 50;
constexpr std::size_t looked_at_per_slice = 512;
constexpr std::size_t erased_per_slice = 64;

using store::RecordKind;

/// Some record has the number first in its key: as group, system or user.
bool leads_a_key(const store::View& view, IdentityNumber number) {
  for (const RecordKind kind :
       {RecordKind::peer, RecordKind::group, RecordKind::exposure, RecordKind::outbox,
        RecordKind::answer, RecordKind::fan_out, RecordKind::resync, RecordKind::recheck,
        RecordKind::subscription, RecordKind::subscribed, RecordKind::user, RecordKind::keys,
        RecordKind::affiliation, RecordKind::affiliated}) {
    if (!view.scan(store::prefix(kind, number.value)).empty()) return true;
  }
  return std::ranges::any_of(all_services, [&](Service service) {
    return view.find(store::policy_key(static_cast<std::uint8_t>(service), number)) != nullptr;
  });
}

/// Takes out what records name elsewhere than first in their keys.
void keep_named(const store::View& view, absl::btree_map<IdentityNumber, std::string>& numbers) {
  for (const auto& [key, value] : view.scan(store::prefix(RecordKind::exposure)))
    numbers.erase({key.number_at(8)});
  for (const auto& [key, value] : view.scan(store::prefix(RecordKind::group)))
    numbers.erase({store::get<store::fb::Group>(value).home_system()});
  for (const auto& [key, value] : view.scan(store::prefix(RecordKind::outbox)))
    numbers.erase({store::get<store::fb::Outbox>(value).group()});
  for (const auto& [key, value] : view.scan(store::prefix(RecordKind::subscription)))
    numbers.erase({key.number_at(8)});
  for (const auto& [key, value] : view.scan(store::prefix(RecordKind::subscribed)))
    numbers.erase({store::get<store::fb::Subscribed>(value).home_system()});
  for (const auto& [key, value] : view.scan(store::prefix(RecordKind::affiliation))) {
    numbers.erase({key.number_at(8)});
    numbers.erase({key.number_at(12)});
    numbers.erase({store::get<store::fb::Affiliation>(value).changed_by()});
  }
  for (const auto& [key, value] : view.scan(store::prefix(RecordKind::affiliated)))
    numbers.erase({key.number_at(8)});
}

/// Every identity that some record names, in its key or in its value; ascending, without
/// duplicates.
std::vector<IdentityNumber> referenced(const store::View& view) {
  std::vector<IdentityNumber> numbers;
  for (const RecordKind kind :
       {RecordKind::peer, RecordKind::group, RecordKind::exposure, RecordKind::outbox,
        RecordKind::answer, RecordKind::fan_out, RecordKind::resync, RecordKind::recheck,
        RecordKind::subscription, RecordKind::subscribed, RecordKind::user, RecordKind::keys,
        RecordKind::affiliation, RecordKind::affiliated}) {
    for (const auto& [key, value] : view.scan(store::prefix(kind))) {
      numbers.push_back({key.number_at(4)});
      if (kind == RecordKind::exposure || kind == RecordKind::subscription ||
          kind == RecordKind::affiliation || kind == RecordKind::affiliated)
        numbers.push_back({key.number_at(8)});
      if (kind == RecordKind::affiliation) {
        numbers.push_back({key.number_at(12)});
        numbers.push_back({store::get<store::fb::Affiliation>(value).changed_by()});
      }
      if (kind == RecordKind::group)
        numbers.push_back({store::get<store::fb::Group>(value).home_system()});
      if (kind == RecordKind::outbox)
        numbers.push_back({store::get<store::fb::Outbox>(value).group()});
      if (kind == RecordKind::subscribed)
        numbers.push_back({store::get<store::fb::Subscribed>(value).home_system()});
    }
  }
  for (const auto& [key, value] : view.scan(store::prefix(RecordKind::policy))) {
    numbers.push_back({key.number_at(8)});
  }
  std::ranges::sort(numbers);
  const auto rest = std::ranges::unique(numbers);
  numbers.erase(rest.begin(), rest.end());
  return numbers;
}

}  // namespace

void Identities::start(const store::View& view, Effects& effects) {
  const std::vector<IdentityNumber> in_use = referenced(view);
  // A salvaged store may refer to numbers whose texts are lost: they are not given to others.
  if (!in_use.empty()) next_ = in_use.back().value + 1;
  std::size_t erased = 0;
  for (const auto& [key, value] : view.scan(store::prefix(RecordKind::identity))) {
    const IdentityNumber number{key.number_at(4)};
    next_ = std::max(next_, number.value + 1);
    if (!std::ranges::binary_search(in_use, number) && erased < erased_per_start_max) {
      effects.erase(key);
      ++erased;
      continue;
    }
    numbers_[store::get<store::fb::Identity>(value).text()->str()] = number;
  }
  mend(view, effects);
}

bool Identities::reclaim_some(const store::View& view, Effects& effects) {
  absl::btree_map<IdentityNumber, std::string> unused;
  std::size_t seen = 0;
  auto entry = numbers_.upper_bound(reclaimed_to_);
  for (; entry != numbers_.end() && seen < looked_at_per_slice; ++entry, ++seen) {
    if (unused.size() == erased_per_slice) break;
    reclaimed_to_ = entry->first;
    if (fresh_.contains(entry->second)) continue;  // what names it is not in the table yet
    if (!leads_a_key(view, entry->second)) unused.emplace(entry->second, entry->first);
  }
  const bool left = entry != numbers_.end();
  if (!left) reclaimed_to_.clear();
  if (!unused.empty()) keep_named(view, unused);
  for (const auto& [number, text] : unused) {
    effects.erase(store::identity_key(number));
    numbers_.erase(text);
  }
  return left;
}

void Identities::put(Effects& effects, IdentityNumber number, std::string_view text) {
  flatbuffers::FlatBufferBuilder builder(256);
  const auto stored = builder.CreateString(text);
  effects.put(store::identity_key(number),
              store::finish(builder, store::fb::CreateIdentity(builder, stored)));
  numbers_.emplace(text, number);
  fresh_.emplace(number, text);
}

void Identities::mend(const store::View& view, Effects& effects) {
  std::size_t mended = 0;
  for (const auto& [key, value] : view.scan(store::prefix(RecordKind::group))) {
    const auto& record = store::get<store::fb::Group>(value);
    const IdentityNumber group{key.number_at(4)};
    const IdentityNumber home{record.home_system()};
    if (!text(view, group).empty() && !text(view, home).empty()) continue;
    const auto configuration =
        wire::decode({record.configuration()->data(), record.configuration()->size()});
    if (!configuration || mended >= mended_per_start_max) continue;
    for (const auto& [number, lost] : {std::pair{group, &configuration->group_id},
                                       std::pair{home, &configuration->home_system}}) {
      if (!text(view, number).empty() || find(*lost).is_set()) continue;
      put(effects, number, *lost);
      ++mended;
    }
  }
}

IdentityNumber Identities::find(std::string_view text) const {
  const auto found = numbers_.find(text);
  return found == numbers_.end() ? IdentityNumber{} : found->second;
}

const std::pair<const std::string, IdentityNumber>* Identities::after(std::string_view text) const {
  const auto next = numbers_.upper_bound(text);
  return next == numbers_.end() ? nullptr : &*next;
}

Result<IdentityNumber> Identities::intern(Effects& effects, std::string_view text) {
  if (const IdentityNumber known = find(text); known.is_set()) return known;
  if (numbers_.size() >= limits::identities_max) return refuse(Cause::identity_limit);
  const IdentityNumber number{next_++};
  put(effects, number, text);
  return number;
}

std::string_view Identities::text(const store::View& view, IdentityNumber number) const {
  if (const auto fresh = fresh_.find(number); fresh != fresh_.end()) return fresh->second;
  const auto* identity = store::find<store::fb::Identity>(view, store::identity_key(number));
  return identity == nullptr ? std::string_view{} : identity->text()->string_view();
}

}  // namespace bivouac::engine
