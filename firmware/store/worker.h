// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <expected>
#include <optional>
#include <string>

#include "firmware/store/ledger.h"
#include "firmware/store/snapshot.h"
#include "firmware/store/space.h"

namespace bivouac::firmware {

/// What the store's thread does, as one function after another; the thread itself, the hand-over
/// and the waiting are in store.cpp. Tests drive it without a thread, at a time of their own.
class Worker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Worker(const StoreOptions& options);

  std::expected<Ledger::Opened, std::string> open(store::Table& table, Time now);

  /// One try to make the batch durable; on `full` everything that could make room has been tried.
  Done commit(ByteView batch, Time now);
  /// What follows a commit, and nobody waits for.
  void after_commit(ByteView batch, Time now);
  /// One piece of idle work, of about 10 ms at most; ends early once `interrupt` is set.
  void idle(Time now, const std::atomic<bool>& interrupt);
  /// When idle() has something to do.
  Time next_idle(Time now) const;
  /// Folds, copies, writes back, closes.
  void close(Time now);

  bool is_space_low() const { return space_.is_low(); }
  std::uint64_t free_bytes() const { return space_.free_bytes(); }
  std::uint64_t file_bytes() const { return file_bytes_; }
  const Ledger& ledger() const { return ledger_; }

 private:
  bool is_snapshot_due(Time now) const;
  Time snapshot_time() const;
  void step_snapshot(Time now);
  void look_at_space(Time now);
  bool make_room(int attempt);

  const StoreOptions options_;
  Files& files_;
  Ledger ledger_;
  Space space_;
  Snapshot snapshot_;
  Time last_commit_{};
  Time next_look_{};
  Time snapshot_not_before_{};
  bool has_snapshot_ = false;
  std::uint64_t snapshot_begun_at_bytes_ = 0;  // Ledger::committed_bytes() at the last begin
  std::uint64_t snapshot_at_bytes_ = 0;        // and at the begin of the copy that there is
  bool changed_before_start_ = false;
  std::uint64_t file_bytes_ = 0;
};

}  // namespace bivouac::firmware
