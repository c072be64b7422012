// SPDX-License-Identifier: Apache-2.0
// How a ledger starts: made, read, or put aside and salvaged.

#include <algorithm>
#include <utility>

#include "core/store/batch.h"
#include "core/store/sealer.h"
#include "firmware/store/layout.h"
#include "firmware/store/ledger.h"
#include "firmware/store/pages.h"
#include "firmware/store/replacement.h"

namespace bivouac::firmware {
namespace {

int read_number(const Database& database, const char* sql, std::int64_t& number) {
  Statement statement(database, sql);
  const int code = statement.step();
  if (code == SQLITE_ROW) number = statement.number(0);
  return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

}  // namespace

/// What a look at an existing database gave. At most one of the two is said.
struct Ledger::Loaded {
  std::string damage;   // why it is put aside
  std::string refusal;  // why it is left alone and the start fails
};

/// What the disk has becomes a record of the table, or is lost for want of its sealing key.
void Ledger::take(store::Table& table, const store::Mutation& stored) {
  unopened_.erase(stored.key);
  if (stored.erase) return table.apply(stored);
  if (auto value = store::open_value(stored.key, stored.value, options_.sealer)) {
    return table.apply({stored.key, *std::move(value), false});
  }
  unopened_.insert(stored.key);
  table.apply({stored.key, store::lost_value(), false});
}

void Ledger::tell_unopened(Opened& opened) const {
  if (unopened_.empty()) return;
  opened.losses.push_back(
      "the key material of " + std::to_string(unopened_.size()) +
      " groups was sealed with another sealing key: that of partners' groups is asked for anew, "
      "that of our own must be imported again");
}

std::expected<Ledger::Opened, std::string> Ledger::open(store::Table& table) {
  const std::string& path = options_.path;
  const std::string lock = layout::lock(path);
  if (!files_.lock(lock)) {
    return std::unexpected(files_.size(lock) < 0 ? "cannot write beside " + path
                                                 : "another process has " + path + " open");
  }
  remove_unfinished(files_, path);
  if (!finish_replacement(files_, path)) return std::unexpected("cannot rename beside " + path);
  // The names that are read here may be ones that an earlier run failed to make durable.
  if (!files_.sync_folder_of(path)) return std::unexpected("cannot sync the folder of " + path);

  if (files_.size(path) < 0) {
    const bool is_new = files_.size(layout::snapshot(path)) < 0 &&
                        files_.size(layout::damaged(path, 1)) < 0 &&
                        files_.size(layout::wal(path)) < 0;
    return start_anew(table, is_new ? "" : "the database is missing");
  }
  Loaded loaded = load(table);
  if (!loaded.refusal.empty()) {
    detach();
    return std::unexpected(loaded.refusal);
  }
  if (!loaded.damage.empty()) {
    detach();
    return start_anew(table, loaded.damage);
  }
  Opened opened;
  if (load_losses(opened) != SQLITE_OK) {
    detach();
    return start_anew(table, "its list of losses cannot be read");
  }
  // What an earlier run could not sync may be read here from the system's cache, and be gone later:
  // it is written once more before anything is built on it.
  if (checkpoint() == Done::failed)
    return std::unexpected("cannot write " + path + ": " + failure_);
  tell_unopened(opened);
  return opened;
}

std::expected<Ledger::Opened, std::string> Ledger::start_anew(store::Table& table,
                                                              const std::string& reason) {
  Opened opened;
  Salvage saved;
  opened.created = reason.empty();
  if (!opened.created) {
    saved = salvage(files_, options_.path, layout::snapshot(options_.path));
    opened.salvaged = true;
    opened.losses.push_back("the store was damaged (" + reason + ") and is kept as " +
                            layout::damaged(options_.path, 1));
    opened.losses.insert(opened.losses.end(), saved.losses.begin(), saved.losses.end());
  }
  table = store::Table();
  newest_.clear();
  unopened_.clear();
  journal_rows_ = journal_bytes_ = 0;
  next_seq_ = 1;
  losses_pending_ = opened.salvaged;
  for (const auto& [key, value] : saved.records) take(table, {key, value, false});

  unwritten_ = Unwritten{std::move(saved.records), opened.losses};
  // Without room the start goes on: what was saved is served, and commits wait for room.
  if (ensure_attached() == Done::failed)
    return std::unexpected("cannot make " + options_.path + ": " + failure_);
  tell_unopened(opened);
  return opened;
}

Ledger::Loaded Ledger::load(store::Table& table) {
  const std::string& path = options_.path;
  if (files_.size(layout::suspect(path)) >= 0) return {"an earlier run met damage", ""};
  if (files_.size(path) == 0) return {"the file is empty", ""};
  if (WalReader(files_, layout::wal(path)).is_damaged()) {
    return {"the write-ahead log is broken before its end", ""};
  }
  std::int64_t application = 0;
  int code = attach();
  if (code == SQLITE_OK) code = read_number(database_, "PRAGMA application_id", application);
  if (is_damage(code)) return {sqlite3_errstr(code), ""};
  if (code != SQLITE_OK) return {"", "cannot open " + path + ": " + sqlite3_errstr(code)};
  if (application != layout::application_id) return {"it is not a store of this program", ""};

  std::int64_t header_version = 0;
  std::int64_t version = 0;
  read_number(database_, "PRAGMA user_version", header_version);
  code = read_number(database_, "SELECT value FROM property WHERE name='schema_version'", version);
  if (version > layout::schema_version && version == header_version) {
    return {"", path + " was written by a newer version of this program (store version " +
                    std::to_string(version) + ", this one reads up to " +
                    std::to_string(layout::schema_version) + ")"};
  }
  if (code != SQLITE_OK || version != layout::schema_version)
    return {"its version cannot be read", ""};
  return load_rows(table);
}

Ledger::Loaded Ledger::load_rows(store::Table& table) {
  std::string damage;
  int code = load_records(table, damage);
  if (code == SQLITE_OK && damage.empty()) code = load_journal(table, damage);
  if (code == SQLITE_NOMEM) return {"", "no memory to read " + options_.path};
  if (code != SQLITE_OK) return {sqlite3_errstr(code), ""};
  if (!damage.empty()) return {damage, ""};
  const std::int64_t size = files_.size(options_.path);
  if (size <= static_cast<std::int64_t>(options_.check_at_start_bytes)) {
    const std::atomic<bool> never = false;
    if (check(never) != Done::done) return {std::exchange(failure_, {}), ""};
  }
  return {};
}

int Ledger::load_records(store::Table& table, std::string& damage) {
  Statement select(database_, "SELECT key, seq, value, crc FROM record");
  int code = select.step();
  for (; code == SQLITE_ROW; code = select.step()) {
    store::Mutation put;
    const ByteView key = select.bytes(0);
    const std::int64_t seq = select.number(1);
    const ByteView value = select.bytes(2);
    const bool holds = key.size() == put.key.bytes.size() &&
                       select.number(3) == layout::record_checksum(seq, key, value);
    if (holds) {
      std::copy(key.begin(), key.end(), put.key.bytes.begin());
      put.value.assign(value.begin(), value.end());
    }
    if (!holds || !store::is_valid_stored(put.key, put.value)) {
      damage = "a record has a wrong checksum";
      return SQLITE_OK;
    }
    next_seq_ = std::max(next_seq_, seq + 1);
    take(table, put);
  }
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

int Ledger::load_journal(store::Table& table, std::string& damage) {
  Statement select(database_, "SELECT seq, batch, crc FROM journal ORDER BY seq");
  int code = select.step();
  for (; code == SQLITE_ROW; code = select.step()) {
    const std::int64_t seq = select.number(0);
    const ByteView batch = select.bytes(1);
    const auto mutations = store::decode_batch(batch);
    const bool follows = journal_rows_ == 0 || seq == next_seq_;
    if (!mutations || !follows || select.number(2) != layout::journal_checksum(seq, batch)) {
      damage = "a commit in the journal does not hold";
      return SQLITE_OK;
    }
    for (const store::Mutation& mutation : *mutations) {
      if (!mutation.erase && !store::is_valid_stored(mutation.key, mutation.value)) {
        damage = "a record in the journal does not hold";
        return SQLITE_OK;
      }
      take(table, mutation);
      newest_[mutation.key] = seq;
    }
    next_seq_ = std::max(next_seq_, seq + 1);
    ++journal_rows_;
    journal_bytes_ += batch.size();
  }
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

int Ledger::load_losses(Opened& opened) {
  Statement select(database_, "SELECT sentence FROM loss ORDER BY id");
  int code = select.step();
  for (; code == SQLITE_ROW; code = select.step()) opened.losses.push_back(select.text(0));
  opened.salvaged = losses_pending_ = !opened.losses.empty();
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

int Ledger::attach() {
  int code = database_.open(options_.path, counters_.name());
  if (code != SQLITE_OK) return code;
  // Exclusive locking: no shared memory file, and no other process reads a half-open store.
  code = database_.execute(
      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-1024;"
      "PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF;");
  if (code != SQLITE_OK) return code;
  // Closing writes nothing: after a failure nothing may be written, and close() does it knowingly.
  sqlite3_db_config(database_.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  const auto count_pages = [](void* ledger, sqlite3*, const char*, int pages) {
    static_cast<Ledger*>(ledger)->wal_pages_ = pages;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(database_.handle(), count_pages, this);
  insert_journal_.prepare(database_, "INSERT INTO journal(seq, batch, crc) VALUES(?, ?, ?)");
  oldest_journal_.prepare(database_, "SELECT seq, batch FROM journal ORDER BY seq");
  delete_journal_.prepare(database_, "DELETE FROM journal WHERE seq <= ?");
  put_record_.prepare(database_,
                      "INSERT OR REPLACE INTO record(key, seq, value, crc) VALUES(?, ?, ?, ?)");
  return erase_record_.prepare(database_, "DELETE FROM record WHERE key = ?");
}

void Ledger::detach() {
  insert_journal_.finalize();
  oldest_journal_.finalize();
  delete_journal_.finalize();
  put_record_.finalize();
  erase_record_.finalize();
  database_.close();
}

Done Ledger::ensure_attached() {
  if (unwritten_) {
    const int code = build_replacement(files_, counters_.name(), options_.path, unwritten_->records,
                                       unwritten_->losses);
    if (is_full(code)) return Done::full;
    if (code != SQLITE_OK) return fail(code, "making the database");
    if (!finish_replacement(files_, options_.path))
      return fail(SQLITE_IOERR, "putting files in place");
    unwritten_.reset();
    checked_ = true;
  }
  if (database_.is_open()) return Done::done;
  const int code = attach();
  if (code == SQLITE_OK) return Done::done;
  detach();
  return is_full(code) ? Done::full : fail(code, "opening the database");
}

}  // namespace bivouac::firmware
