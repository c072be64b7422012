// SPDX-License-Identifier: Apache-2.0
#include "core/engine/exchanges.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/base/limits.h"

namespace bivouac::engine {

void Exchanges::expect(std::string_view target, ExchangeId id) {
  unanswered_[std::string(target)].try_emplace(id, MonoMs::never());
}

void Exchanges::sent(std::string_view target, ExchangeId id, MonoMs now) {
  MonoMs& first = unanswered_[std::string(target)].try_emplace(id, now).first->second;
  first = std::min(first, now);
}

bool Exchanges::has_expired(std::string_view target, ExchangeId id, MonoMs now) const {
  const auto found = unanswered_.find(target);
  if (found == unanswered_.end()) return false;
  const auto first = found->second.find(id);
  return first != found->second.end() && first->second != MonoMs::never() &&
         first->second + DurationMs{limits::exchange_lifetime_ms} <= now;
}

void Exchanges::settle(std::string_view target, ExchangeId id) {
  const auto found = unanswered_.find(target);
  if (found == unanswered_.end()) return;
  found->second.erase(id);
  if (found->second.empty()) unanswered_.erase(found);
}

ExchangeId Exchanges::answered_up_to(std::string_view target) const {
  const auto found = unanswered_.find(target);
  if (found == unanswered_.end()) return {next_ - 1};
  return {found->second.begin()->first.value - 1};
}

void Exchanges::open(ExchangeId id, Exchange exchange) {
  const bool added = open_.try_emplace(id, std::move(exchange)).second;
  BIVOUAC_ASSERT(added);
}

const Exchange* Exchanges::find(ExchangeId id) const {
  const auto found = open_.find(id);
  return found == open_.end() ? nullptr : &found->second;
}

void Exchanges::close(ExchangeId id) { open_.erase(id); }

}  // namespace bivouac::engine
