// SPDX-License-Identifier: Apache-2.0
#include "firmware/store/replacement.h"

#include "firmware/store/database.h"
#include "firmware/store/layout.h"

namespace bivouac::firmware {
namespace {

int insert_records(Database& database, const SalvagedRecords& records) {
  Statement insert(database, "INSERT INTO record(key, seq, value, crc) VALUES(?, 0, ?, ?)");
  for (const auto& [key, value] : records) {
    insert.bind(1, ByteView(key.bytes)).bind(2, ByteView(value));
    insert.bind(3, std::int64_t{layout::record_checksum(0, key.bytes, value)});
    if (const int code = insert.run(); code != SQLITE_DONE) return code;
  }
  return SQLITE_OK;
}

int insert_losses(Database& database, const std::vector<std::string>& losses) {
  Statement insert(database, "INSERT INTO loss(sentence) VALUES(?)");
  for (const std::string& loss : losses) {
    if (const int code = insert.bind(1, loss).run(); code != SQLITE_DONE) return code;
  }
  return SQLITE_OK;
}

int fill(Database& database, const SalvagedRecords& records,
         const std::vector<std::string>& losses) {
  // Made in WAL mode, so that the first open for work has nothing to convert.
  int code = database.execute(
      "PRAGMA page_size=4096; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
      "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; BEGIN;");
  if (code == SQLITE_OK) code = database.execute(layout::schema);
  if (code == SQLITE_OK) code = insert_records(database, records);
  if (code == SQLITE_OK) code = insert_losses(database, losses);
  if (code == SQLITE_OK) code = database.execute("COMMIT");
  if (code != SQLITE_OK) return code;
  return sqlite3_wal_checkpoint_v2(database.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr,
                                   nullptr);
}

/// The newest damaged database is number 1; the one before becomes number 2.
bool put_aside(Files& files, const std::string& path) {
  const std::string newest = layout::damaged(path, 1);
  const std::string older = layout::damaged(path, 2);
  if (files.size(path) >= 0) {
    files.remove(older);
    files.remove(layout::wal(older));
    if (files.size(newest) >= 0 && !files.rename(newest, older)) return false;
    if (files.size(layout::wal(newest)) >= 0) files.rename(layout::wal(newest), layout::wal(older));
    if (!files.rename(path, newest)) return false;
  }
  const std::string log = layout::wal(path);
  return files.size(log) < 0 || files.rename(log, layout::wal(newest));
}

}  // namespace

int build_replacement(Files& files, const char* vfs, const std::string& path,
                      const SalvagedRecords& records, const std::vector<std::string>& losses) {
  const std::string unfinished = layout::replacement_unfinished(path);
  remove_unfinished(files, path);
  if (!files.create_private(unfinished)) return SQLITE_CANTOPEN;
  int code = SQLITE_OK;
  {
    Database database;
    code = database.open(unfinished, vfs);
    if (code == SQLITE_OK) code = fill(database, records, losses);
  }
  if (code != SQLITE_OK) {
    remove_unfinished(files, path);
    return code;
  }
  if (!files.rename(unfinished, layout::replacement(path))) return SQLITE_CANTOPEN;
  return files.sync_folder_of(path) ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

bool finish_replacement(Files& files, const std::string& path) {
  const std::string replacement = layout::replacement(path);
  if (files.size(replacement) < 0) return true;
  // The old log must be gone for certain before the new database bears its name: SQLite would play
  // it into whatever stands beside it.
  if (!put_aside(files, path) || !files.sync_folder_of(path)) return false;
  if (!files.rename(replacement, path) || !files.sync_folder_of(path)) return false;
  return files.remove(layout::suspect(path));
}

void remove_unfinished(Files& files, const std::string& path) {
  for (const std::string& name :
       {layout::replacement_unfinished(path), layout::snapshot_unfinished(path)}) {
    files.remove(name);
    files.remove(layout::wal(name));
    files.remove(name + "-journal");
  }
}

}  // namespace bivouac::firmware
