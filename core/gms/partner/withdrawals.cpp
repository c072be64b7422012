// SPDX-License-Identifier: Apache-2.0
#include "core/gms/partner/withdrawals.h"

#include <algorithm>

namespace bivouac::gms::partner {

void Withdrawals::note(const Received& tombstone, MonoMs now) {
  absl::erase_if(by_group_, [&](const auto& entry) { return entry.second.until <= now; });
  // As many as there may be groups; of more the oldest goes.
  if (by_group_.size() >= limits::groups_max) {
    by_group_.erase(std::ranges::min_element(by_group_, {},
                                             [](const auto& entry) { return entry.second.until; }));
  }
  by_group_[std::string(tombstone.group_id)] = {std::string(tombstone.home),
                                                tombstone.home_incarnation, tombstone.revision,
                                                now + DurationMs{limits::answer_kept_ms}};
}

bool Withdrawals::outdate(const Received& received, MonoMs now) const {
  const auto found = by_group_.find(received.group_id);
  if (found == by_group_.end() || received.configuration == nullptr) return false;
  const Withdrawal& withdrawal = found->second;
  return now < withdrawal.until && withdrawal.home == received.home &&
         withdrawal.incarnation == received.home_incarnation &&
         received.revision <= withdrawal.revision;
}

bool Withdrawals::has(std::string_view group_id, MonoMs now) const {
  const auto found = by_group_.find(group_id);
  return found != by_group_.end() && now < found->second.until;
}

}  // namespace bivouac::gms::partner
