// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <sqlite3.h>

#include "core/base/bytes.h"

// The little that the store uses of SQLite. Return codes are SQLite's, extended.

namespace bivouac::firmware {

class Database {
 public:
  Database() = default;
  ~Database() { close(); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// The file must be there already: it is made with the right mode elsewhere.
  int open(const std::string& path, const char* vfs);
  void close();
  bool is_open() const { return handle_ != nullptr; }

  int execute(const char* sql);
  sqlite3* handle() const { return handle_; }
  std::string error_text() const;

 private:
  sqlite3* handle_ = nullptr;
};

/// A prepared statement. Bound bytes must live until the next reset.
class Statement {
 public:
  Statement() = default;
  Statement(const Database& database, const char* sql) { prepare(database, sql); }
  ~Statement() { sqlite3_finalize(handle_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  int prepare(const Database& database, const char* sql);
  void finalize();
  Statement& bind(int index, std::int64_t number);
  Statement& bind(int index, ByteView bytes);
  Statement& bind(int index, const std::string& text);
  /// SQLITE_ROW, SQLITE_DONE or an error, also that of a failed prepare.
  int step();
  void reset();
  /// step() to the end, then reset().
  int run();

  std::int64_t number(int column) const { return sqlite3_column_int64(handle_, column); }
  ByteView bytes(int column) const;
  std::string text(int column) const;

 private:
  sqlite3_stmt* handle_ = nullptr;
  int prepared_ = SQLITE_MISUSE;
};

/// The file system had no room. Nothing was written that counts, and a retry may succeed.
bool is_full(int code);
/// What was read is not what was written.
bool is_damage(int code);

}  // namespace bivouac::firmware
