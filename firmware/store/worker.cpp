// SPDX-License-Identifier: Apache-2.0
#include "firmware/store/worker.h"

#include <algorithm>

#include "firmware/store/layout.h"

namespace bivouac::firmware {
namespace {

using std::chrono::milliseconds;

}  // namespace

Worker::Worker(const StoreOptions& options)
    : options_(options),
      files_(options.files == nullptr ? posix_files() : *options.files),
      ledger_(options_),
      space_(options_, files_),
      snapshot_(options_, files_) {}

std::expected<Ledger::Opened, std::string> Worker::open(store::Table& table, Time now) {
  auto opened = ledger_.open(table);
  if (!opened) return opened;
  has_snapshot_ = files_.size(layout::snapshot(options_.path)) > 0;
  changed_before_start_ = ledger_.has_journal() || opened->salvaged;
  last_commit_ = now;
  snapshot_not_before_ = has_snapshot_ ? now + milliseconds(options_.snapshot_interval_ms) : now;
  if (!ledger_.database().is_open()) space_.on_full();
  look_at_space(now);
  return opened;
}

Done Worker::commit(ByteView batch, Time now) {
  const std::optional<Bytes> sealed = ledger_.seal(batch);
  if (!sealed) return Done::failed;
  Done result = ledger_.commit(*sealed);
  for (int attempt = 0; result == Done::full && make_room(attempt); ++attempt) {
    result = ledger_.commit(*sealed);
  }
  if (result == Done::full) look_at_space(now);
  return result;
}

/// From what costs nothing to what hurts; false when nothing is left to try.
bool Worker::make_room(int attempt) {
  space_.on_full();
  switch (attempt) {
    case 0: snapshot_.abandon(); return true;
    case 1: ledger_.checkpoint(); return true;  // the log begins anew in the room that it has
    case 2: space_.release(); return true;
    case 3:
      for (const std::uint32_t number : {1U, 2U}) {
        files_.remove(layout::damaged(options_.path, number));
        files_.remove(layout::wal(layout::damaged(options_.path, number)));
      }
      return true;
    default: return false;
  }
}

void Worker::after_commit(ByteView batch, Time now) {
  last_commit_ = now;
  ledger_.note_committed(batch);
  // With little room the journal is kept short and the log is begun anew each time: both are then
  // written where they have room already.
  const bool is_low = space_.is_low();
  const bool fold = ledger_.is_journal_long() || (is_low && ledger_.has_journal());
  if (fold && ledger_.fold_slice() == Done::full) space_.on_full();
  if (ledger_.wants_checkpoint() || is_low) ledger_.checkpoint();
  if (now >= next_look_) look_at_space(now);
}

void Worker::look_at_space(Time now) {
  next_look_ = now + milliseconds(options_.space_interval_ms);
  space_.look();
  const std::string& path = options_.path;
  file_bytes_ =
      static_cast<std::uint64_t>(std::max<std::int64_t>(files_.size(path), 0) +
                                 std::max<std::int64_t>(files_.size(layout::wal(path)), 0));
}

void Worker::idle(Time now, const std::atomic<bool>& interrupt) {
  if (now >= next_look_) return look_at_space(now);
  if (ledger_.is_failed() || !ledger_.database().is_open()) return;
  if (ledger_.has_journal()) {
    if (now < last_commit_ + milliseconds(options_.fold_idle_ms)) return;
    if (ledger_.fold_slice() == Done::full) {
      space_.on_full();
      last_commit_ = now;  // not again at once
    }
    if (ledger_.wants_checkpoint() || space_.is_low()) ledger_.checkpoint();
    return;
  }
  if (!ledger_.is_checked()) {
    ledger_.check(interrupt);
    return;
  }
  if (snapshot_.is_running() || is_snapshot_due(now)) step_snapshot(now);
}

Worker::Time Worker::next_idle(Time now) const {
  Time next = next_look_;
  if (ledger_.is_failed() || !ledger_.database().is_open()) return next;
  if (ledger_.has_journal()) {
    next = std::min(next, last_commit_ + milliseconds(options_.fold_idle_ms));
  } else if (!ledger_.is_checked() || snapshot_.is_running()) {
    next = std::min(next, now);
  } else if (snapshot_time() != Time::max()) {
    next = std::min(next, snapshot_time());
  }
  return next;
}

/// When the next copy is to be begun; never while nothing has changed, or there is no room.
Worker::Time Worker::snapshot_time() const {
  const std::uint64_t changed = ledger_.committed_bytes() - snapshot_at_bytes_;
  const bool wanted = has_snapshot_
                          ? changed >= options_.snapshot_changed_bytes || changed_before_start_
                          : changed > 0 || changed_before_start_;
  if (!wanted || space_.is_low()) return Time::max();
  return std::max(last_commit_ + milliseconds(options_.snapshot_idle_ms), snapshot_not_before_);
}

bool Worker::is_snapshot_due(Time now) const { return snapshot_time() <= now; }

void Worker::step_snapshot(Time now) {
  if (!snapshot_.is_running()) {
    snapshot_not_before_ = now + milliseconds(options_.snapshot_interval_ms);
    snapshot_begun_at_bytes_ = ledger_.committed_bytes();
    const bool has_room = space_.free_bytes() > 2 * file_bytes_ + options_.space_low_bytes;
    if (!has_room || !snapshot_.begin(ledger_.database(), ledger_.counters().name())) return;
  }
  if (snapshot_.step() == Snapshot::Step::published) {
    has_snapshot_ = true;
    snapshot_at_bytes_ = snapshot_begun_at_bytes_;
    changed_before_start_ = false;
  }
}

void Worker::close(Time now) {
  snapshot_.abandon();
  const std::atomic<bool> never = false;
  Done result = Done::done;
  while (result == Done::done && ledger_.has_journal()) result = ledger_.fold_slice();
  const bool changed = ledger_.committed_bytes() > snapshot_at_bytes_ || changed_before_start_;
  if (result == Done::done && changed && !space_.is_low()) {
    if (!ledger_.is_checked()) ledger_.check(never);
    if (!ledger_.is_failed() && ledger_.database().is_open()) {
      do {
        step_snapshot(now);
      } while (snapshot_.is_running());
    }
  }
  ledger_.close(space_.is_low());
}

}  // namespace bivouac::firmware
