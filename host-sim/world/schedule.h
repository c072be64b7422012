// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>

#include "core/base/time.h"

namespace bivouac::sim {

/// What will happen in a world. `subject` is the number of what is named behind each kind.
struct Pending {
  enum class Kind : std::uint8_t {
    tick,       // system: its deadline
    flush,      // system: the end of a turn of its loop
    committed,  // system: the batch under way is durable
    crash,      // system: in the middle of a commit; detail: the batch survives
    restart,    // system
    finish,     // system: the patience of a graceful stop, or of a failed store, is over
    connect,    // dial
    accept,     // connection: the side that was dialled
    transmit,   // direction: the line takes the next piece
    deliver,    // direction
    end,        // direction: its reader learns that the connection is gone
    hang_up,    // request: its operator has the answer
  };
  Kind kind = Kind::tick;
  std::uint32_t subject = 0;
  std::uint32_t detail = 0;

  friend auto operator<=>(const Pending&, const Pending&) = default;
};

std::string_view name(Pending::Kind kind);
/// All of them.
std::span<const Pending::Kind> pending_kinds();

/// Everything that is pending, in order of time, then of scheduling.
class Schedule {
 public:
  struct Key {
    MonoMs at;
    std::uint64_t order = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  using Entries = std::map<Key, Pending>;

  Key add(MonoMs at, Pending what) {
    const Key key{at, ++order_};
    entries_.emplace(key, what);
    return key;
  }
  void remove(const Key& key) { entries_.erase(key); }
  bool empty() const { return entries_.empty(); }
  MonoMs next_at() const { return empty() ? MonoMs::never() : entries_.begin()->first.at; }
  /// The entry of this key; the earliest is begin().
  Pending take(Entries::const_iterator entry) {
    const Pending what = entry->second;
    entries_.erase(entry);
    return what;
  }
  const Entries& entries() const { return entries_; }

 private:
  Entries entries_;
  std::uint64_t order_ = 0;
};

}  // namespace bivouac::sim
