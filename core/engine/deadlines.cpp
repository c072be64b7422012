// SPDX-License-Identifier: Apache-2.0
#include "core/engine/deadlines.h"

#include <algorithm>

namespace bivouac::engine {

void Deadlines::set(DeadlineId id, MonoMs at) {
  const auto [entry, added] = by_id_.try_emplace(id, at);
  if (!added) {
    by_time_.erase({entry->second, id});
    entry->second = at;
  }
  by_time_.insert({at, id});
}

void Deadlines::clear(DeadlineId id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  by_time_.erase({found->second, id});
  by_id_.erase(found);
}

/// Work has a few ids only, so few are passed over.
Deadlines::ByTime::const_iterator Deadlines::first(Wanted wanted) const {
  return std::ranges::find_if(by_time_, [&](const auto& entry) {
    return wanted == Wanted::all || entry.second.kind != DeadlineKind::work;
  });
}

MonoMs Deadlines::next(Wanted wanted) const {
  const auto found = first(wanted);
  return found == by_time_.end() ? MonoMs::never() : found->first;
}

std::optional<DeadlineId> Deadlines::take_due(MonoMs now, Wanted wanted) {
  const auto found = first(wanted);
  if (found == by_time_.end() || found->first > now) return std::nullopt;
  const DeadlineId id = found->second;
  clear(id);
  return id;
}

}  // namespace bivouac::engine
