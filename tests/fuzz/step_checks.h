// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "core/base/affiliation.h"
#include "core/base/assert.h"
#include "core/store/record.h"
#include "tests/fuzz/step_script.h"

// What holds of the affiliations in the table whenever fuzz_step's gateway has nothing left to do.

namespace bivouac::test {

inline std::string text_of(const store::View& view, IdentityNumber number) {
  const auto* identity = store::find<store::fb::Identity>(view, store::identity_key(number));
  return identity == nullptr ? std::string() : identity->text()->str();
}

/// The group management server knows who is affiliated to a group of ours (10.X.2.3, 10.X.2.6), and
/// nobody holds more groups than N2, which is 2 in every profile here.
inline void check_affiliations(const store::View& view) {
  using Place = std::pair<std::string, std::string>;
  std::set<Place> affiliated;
  std::set<std::string> counted;
  for (const auto& [key, value] : view.scan(store::prefix(store::RecordKind::affiliation))) {
    const auto& record = store::get<store::fb::Affiliation>(value);
    const auto status = static_cast<AffiliationStatus>(record.status());
    const std::string user = text_of(view, {key.number_at(4)});
    const std::string group = text_of(view, {key.number_at(8)});
    const bool is_ours = group.ends_with("@bravo.example");
    if (user == user_id && status != AffiliationStatus::deaffiliating) counted.insert(group);
    if (!is_ours) continue;
    BIVOUAC_ASSERT(status == AffiliationStatus::affiliated);
    affiliated.emplace(group, user);
  }
  std::set<Place> told;
  for (const auto& [key, value] : view.scan(store::prefix(store::RecordKind::affiliated)))
    told.emplace(text_of(view, {key.number_at(4)}), text_of(view, {key.number_at(8)}));
  std::erase_if(told, [](const Place& one) { return !one.first.ends_with("@bravo.example"); });
  BIVOUAC_ASSERT(affiliated == told);
  BIVOUAC_ASSERT(counted.size() <= 2);
}

}  // namespace bivouac::test
