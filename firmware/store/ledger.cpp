// SPDX-License-Identifier: Apache-2.0
#include "firmware/store/ledger.h"

#include <chrono>

#include "core/base/assert.h"
#include "core/store/batch.h"
#include "core/store/sealer.h"
#include "firmware/store/layout.h"

namespace bivouac::firmware {

Ledger::Ledger(const StoreOptions& options)
    : options_(options),
      files_(options.files == nullptr ? posix_files() : *options.files),
      counters_(options.vfs) {}

Ledger::~Ledger() {
  detach();
  files_.unlock(layout::lock(options_.path));
}

Done Ledger::fail(int code, const std::string& doing) {
  failure_ = doing + ": " + sqlite3_errstr(code);
  if (database_.is_open()) failure_ += " (" + database_.error_text() + ")";
  // What SQLite calls corrupt now, it may not meet when the next start only reads.
  if (is_damage(code) && files_.create_private(layout::suspect(options_.path))) {
    files_.sync_folder_of(options_.path);
  }
  return Done::failed;
}

void Ledger::roll_back() {
  if (database_.is_open() && sqlite3_get_autocommit(database_.handle()) == 0) {
    database_.execute("ROLLBACK");
  }
}

int Ledger::insert_journal(ByteView batch) {
  insert_journal_.bind(1, next_seq_).bind(2, batch);
  insert_journal_.bind(3, std::int64_t{layout::journal_checksum(next_seq_, batch)});
  return insert_journal_.run();
}

std::optional<Bytes> Ledger::seal(ByteView batch) {
  if (unopened_.empty() && !store::needs_sealing(batch)) return Bytes(batch.begin(), batch.end());
  const std::vector<store::Key> lost(unopened_.begin(), unopened_.end());
  auto sealed = store::seal_batch(batch, lost, options_.sealer);
  if (!sealed) failure_ = "key material cannot be sealed: there is no randomness or no sealing key";
  return sealed;
}

Done Ledger::commit(ByteView batch) {
  if (is_failed()) return Done::failed;
  if (const Done attached = ensure_attached(); attached != Done::done) return attached;

  int code = SQLITE_DONE;
  if (!losses_pending_) {
    code = insert_journal(batch);  // a transaction of its own
  } else {
    // The first batch holds the new incarnation: from here on this is an ordinary store.
    code = database_.execute("BEGIN; DELETE FROM loss;");
    if (code == SQLITE_OK) code = insert_journal(batch);
    if (code == SQLITE_DONE && database_.execute("COMMIT") != SQLITE_OK) {
      code = sqlite3_extended_errcode(database_.handle());
    }
  }
  if (code != SQLITE_DONE) {
    const Done result = is_full(code) ? Done::full : fail(code, "committing");
    roll_back();
    return result;
  }
  losses_pending_ = false;
  for (const store::Key& key : unopened_) newest_[key] = next_seq_;
  unopened_.clear();
  ++next_seq_;
  ++journal_rows_;
  journal_bytes_ += batch.size();
  committed_bytes_ += batch.size();
  return Done::done;
}

void Ledger::note_committed(ByteView batch) {
  const auto mutations = store::decode_batch(batch);
  BIVOUAC_ASSERT(mutations.has_value());
  for (const store::Mutation& mutation : *mutations) newest_[mutation.key] = next_seq_ - 1;
}

bool Ledger::is_journal_long() const {
  return journal_rows_ > options_.journal_rows_max || journal_bytes_ > options_.journal_bytes_max;
}

// A slice takes the oldest commits off the journal and leaves the rest. Of what it takes it writes
// only what no later commit writes again. So records followed by the journal are the same table
// before and after, and each record is written once however often it changed.
Done Ledger::fold_slice() {
  if (is_failed()) return Done::failed;
  if (!has_journal()) return Done::done;
  std::vector<store::Key> folded;
  std::int64_t last_seq = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  int code = database_.execute("BEGIN");
  if (code == SQLITE_OK) code = fold_rows(folded, last_seq, rows, bytes);
  if (code == SQLITE_OK) {
    code = delete_journal_.bind(1, last_seq).run();
    if (code == SQLITE_DONE) code = database_.execute("COMMIT");
  }
  if (code != SQLITE_OK) {
    const Done result = is_full(code) ? Done::full : fail(code, "folding the journal");
    roll_back();
    return result;
  }
  for (const store::Key& key : folded) newest_.erase(key);
  journal_rows_ -= rows;
  journal_bytes_ -= bytes;
  return Done::done;
}

int Ledger::fold_rows(std::vector<store::Key>& folded, std::int64_t& last_seq, std::uint64_t& rows,
                      std::uint64_t& bytes) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::microseconds(options_.fold_slice_us);
  int code = oldest_journal_.step();
  while (code == SQLITE_ROW) {
    last_seq = oldest_journal_.number(0);
    const ByteView batch = oldest_journal_.bytes(1);
    code = fold_batch(last_seq, batch, folded);
    if (code != SQLITE_OK) break;
    ++rows;
    bytes += batch.size();
    if (Clock::now() >= end) break;
    code = oldest_journal_.step();
  }
  oldest_journal_.reset();
  if (rows == 0 && code == SQLITE_DONE) return SQLITE_CORRUPT;  // the journal is not empty
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

int Ledger::fold_batch(std::int64_t seq, ByteView batch, std::vector<store::Key>& folded) {
  const auto mutations = store::decode_batch(batch);
  if (!mutations) return SQLITE_CORRUPT;
  for (const store::Mutation& mutation : *mutations) {
    const auto newest = newest_.find(mutation.key);
    if (newest == newest_.end() || newest->second != seq) continue;
    const ByteView key = mutation.key.bytes;
    int code = SQLITE_DONE;
    if (mutation.erase) {
      code = erase_record_.bind(1, key).run();
    } else {
      put_record_.bind(1, key).bind(2, seq).bind(3, ByteView(mutation.value));
      put_record_.bind(4, std::int64_t{layout::record_checksum(seq, key, mutation.value)});
      code = put_record_.run();
    }
    if (code != SQLITE_DONE) return code;
    folded.push_back(mutation.key);
  }
  return SQLITE_OK;
}

Done Ledger::checkpoint() {
  if (is_failed()) return Done::failed;
  if (!database_.is_open()) return Done::done;
  // SQLite's own checkpoints ignore a failed sync; ours must not, since a page that could not be
  // written back is called clean afterwards.
  const int code = sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             nullptr, nullptr);
  wal_pages_ = 0;
  if (code == SQLITE_OK) return Done::done;
  return is_full(code) ? Done::full : fail(code, "writing back the log");
}

Done Ledger::check(const std::atomic<bool>& interrupt) {
  if (is_failed()) return Done::failed;
  if (!database_.is_open()) return Done::done;
  const auto is_interrupted = [](void* flag) {
    return static_cast<const std::atomic<bool>*>(flag)->load() ? 1 : 0;
  };
  constexpr int every_operations = 1'000;
  // Only read through; SQLite's interface has no const here.
  sqlite3_progress_handler(database_.handle(), every_operations, is_interrupted,
                           const_cast<std::atomic<bool>*>(&interrupt));
  std::string answer;
  int code = SQLITE_DONE;
  {
    Statement check(database_, "PRAGMA quick_check(1)");
    code = check.step();
    if (code == SQLITE_ROW) answer = check.text(0);
  }
  sqlite3_progress_handler(database_.handle(), 0, nullptr, nullptr);
  if (code == SQLITE_INTERRUPT) return Done::done;
  if (code != SQLITE_ROW) return fail(code, "checking the database");
  checked_ = true;
  return answer == "ok" ? Done::done : fail(SQLITE_CORRUPT, "checking the database: " + answer);
}

void Ledger::close(bool space_is_low) {
  // The log's room on the disk is what the first commits of the next start live on when there is
  // little of it; otherwise it is given back.
  if (checkpoint() == Done::done && database_.is_open() && !space_is_low) {
    const int code = sqlite3_wal_checkpoint_v2(database_.handle(), nullptr,
                                               SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code, "closing");
  }
  detach();
  files_.unlock(layout::lock(options_.path));
}

}  // namespace bivouac::firmware
