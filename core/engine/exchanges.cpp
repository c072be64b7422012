// SPDX-License-Identifier: Apache-2.0
#include "core/engine/exchanges.h"

#include "core/base/assert.h"

namespace bivouac::engine {

void Exchanges::expect(std::string_view target, ExchangeId id) {
  unanswered_[std::string(target)].insert(id);
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
  return {found->second.begin()->value - 1};
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
