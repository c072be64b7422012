// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <absl/container/btree_map.h>

#include "core/base/ids.h"
#include "core/base/service.h"
#include "core/base/time.h"
#include "core/wire/inbound.h"

namespace bivouac::engine {

/// A request of ours that was sent and waits for its answer.
struct Exchange {
  std::string target;  // MC system that answers
  wire::fb::Body request = wire::fb::Body::NONE;
  std::string group_id;
  Service service = Service::mcptt;  // of the MC service server that asked, where one did
};

/// Our own requests: their ids, which of them are open, and up to which id a target may forget its
/// answers (decision 5). Open requests do not survive a restart by themselves; those that must are
/// outbox records, which keep their id and are announced here with `expect`.
class Exchanges {
 public:
  /// Ids of one run are above those of every earlier run.
  void start(std::uint32_t boots) { next_ = (std::uint64_t{boots} << 32U) | 1U; }

  static std::uint32_t boots_of(ExchangeId id) {
    return static_cast<std::uint32_t>(id.value >> 32U);
  }

  ExchangeId next_id() { return {next_++}; }

  /// The target keeps its answer to this request until `settle`.
  void expect(std::string_view target, ExchangeId id);
  void settle(std::string_view target, ExchangeId id);
  /// It leaves now. Its lifetime counts from the first time on; a restart gives it in full again
  /// (decision 9).
  void sent(std::string_view target, ExchangeId id, MonoMs now);
  /// Its target may have forgotten the answer: it must not be sent again, but as a new request.
  bool has_expired(std::string_view target, ExchangeId id, MonoMs now) const;
  /// Every answer up to here has arrived.
  ExchangeId answered_up_to(std::string_view target) const;

  /// The request was sent and its answer, or its deadline, is awaited.
  void open(ExchangeId id, Exchange exchange);
  /// Null when it is not open (any more).
  const Exchange* find(ExchangeId id) const;
  void close(ExchangeId id);
  std::size_t open_count() const { return open_.size(); }

 private:
  std::uint64_t next_ = 1;
  absl::btree_map<ExchangeId, Exchange> open_;
  // When it was sent first; never: not yet.
  using Unanswered = absl::btree_map<ExchangeId, MonoMs>;
  absl::btree_map<std::string, Unanswered, std::less<>> unanswered_;
};

}  // namespace bivouac::engine
