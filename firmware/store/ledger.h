// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/store/mutation.h"
#include "core/store/table.h"
#include "firmware/store/counting_vfs.h"
#include "firmware/store/database.h"
#include "firmware/store/files.h"
#include "firmware/store/options.h"
#include "firmware/store/salvage.h"

namespace bivouac::firmware {

/// What became of a piece of work on the database.
enum class Done {
  done,
  full,    // no room; nothing has changed, a retry may succeed
  failed,  // what the disk holds is unknown: nothing else is ever written
};

/// The durable copy of the record table, without thread or clock of its own: a journal that takes
/// whole batches, folded into records later (core/store/FORMAT.md). One caller at a time.
class Ledger {
 public:
  struct Opened {
    bool created = false;
    bool salvaged = false;
    std::vector<std::string> losses;
  };

  explicit Ledger(const StoreOptions& options);
  ~Ledger();

  /// Fills `table`; what cannot be opened is marked as lost there, and told. An error is a sentence
  /// for the operator.
  std::expected<Opened, std::string> open(store::Table& table);

  /// The batch as it is to be written. The first commit also marks
  /// what could not be opened as lost. None: it cannot be sealed, and nothing else is ever written.
  std::optional<Bytes> seal(ByteView batch);
  /// One batch as seal() gave it, durable when done.
  Done commit(ByteView batch);
  /// Its keys, so that the fold knows what is newest; not part of what a commit waits for.
  void note_committed(ByteView batch);

  bool has_journal() const { return journal_rows_ > 0; }
  bool is_journal_long() const;
  /// Folds some of the oldest commits: what fits in options.fold_slice_us, at least one.
  Done fold_slice();

  bool wants_checkpoint() const { return wal_pages_ >= options_.checkpoint_pages; }
  /// Writes the write-ahead log back to the database, so that it begins anew.
  Done checkpoint();

  /// Looks for damage in the whole file, until `interrupt` is set; then it is to be begun again.
  bool is_checked() const { return checked_; }
  Done check(const std::atomic<bool>& interrupt);

  /// Writes back everything. Keeps the log's room on the disk when there is little of it.
  void close(bool space_is_low);

  Database& database() { return database_; }
  const Database& database() const { return database_; }
  bool is_failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }
  const CountingVfs& counters() const { return counters_; }
  std::uint64_t committed_bytes() const { return committed_bytes_; }
  /// An error met by someone else who uses the database (the snapshot).
  Done fail(int code, const std::string& doing);

 private:
  struct Loaded;
  void take(store::Table& table, const store::Mutation& stored);
  void tell_unopened(Opened& opened) const;
  Loaded load(store::Table& table);
  Loaded load_rows(store::Table& table);
  int load_records(store::Table& table, std::string& damage);
  int load_journal(store::Table& table, std::string& damage);
  int load_losses(Opened& opened);
  std::expected<Opened, std::string> start_anew(store::Table& table, const std::string& reason);

  int attach();
  void detach();
  Done ensure_attached();
  int insert_journal(ByteView batch);
  int fold_rows(std::vector<store::Key>& folded, std::int64_t& last_seq, std::uint64_t& rows,
                std::uint64_t& bytes);
  int fold_batch(std::int64_t seq, ByteView batch, std::vector<store::Key>& folded);
  void roll_back();

  const StoreOptions& options_;
  Files& files_;
  CountingVfs counters_;
  Database database_;
  Statement insert_journal_;
  Statement oldest_journal_;
  Statement delete_journal_;
  Statement put_record_;
  Statement erase_record_;
  std::string failure_;

  /// A new database that could not be written yet, for want of room.
  struct Unwritten {
    SalvagedRecords records;
    std::vector<std::string> losses;
  };
  std::optional<Unwritten> unwritten_;

  std::int64_t next_seq_ = 1;
  absl::btree_set<store::Key> unopened_;  // sealed with another key; the next commit says so
  absl::btree_map<store::Key, std::int64_t> newest_;  // commit that holds the newest value of a key
  std::uint64_t journal_rows_ = 0;
  std::uint64_t journal_bytes_ = 0;
  std::uint64_t committed_bytes_ = 0;
  int wal_pages_ = 0;
  bool losses_pending_ = false;
  bool checked_ = false;
};

}  // namespace bivouac::firmware
