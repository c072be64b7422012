// SPDX-License-Identifier: Apache-2.0
#include "core/engine/deadlines.h"

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

MonoMs Deadlines::next() const {
  return by_time_.empty() ? MonoMs::never() : by_time_.begin()->first;
}

std::optional<DeadlineId> Deadlines::take_due(MonoMs now) {
  if (by_time_.empty() || by_time_.begin()->first > now) return std::nullopt;
  const DeadlineId id = by_time_.begin()->second;
  clear(id);
  return id;
}

}  // namespace bivouac::engine
