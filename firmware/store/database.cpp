// SPDX-License-Identifier: Apache-2.0
#include "firmware/store/database.h"

// Debian's library begins with full-text and spatial indexes, JSON, dates, and tables about itself:
// 460 KiB of a board's flash that nothing here asks for. What would set them up is defined here
// instead, so that the linker leaves them in their archive.
extern "C" {
int sqlite3Fts3Init(sqlite3* /*database*/) { return SQLITE_OK; }
int sqlite3Fts5Init(sqlite3* /*database*/) { return SQLITE_OK; }
int sqlite3RtreeInit(sqlite3* /*database*/) { return SQLITE_OK; }
int sqlite3JsonTableFunctions(sqlite3* /*database*/) { return SQLITE_OK; }
int sqlite3DbstatRegister(sqlite3* /*database*/) { return SQLITE_OK; }
int sqlite3DbpageRegister(sqlite3* /*database*/) { return SQLITE_OK; }
int sqlite3StmtVtabInit(sqlite3* /*database*/) { return SQLITE_OK; }
void sqlite3RegisterJsonFunctions() {}
void sqlite3RegisterDateTimeFunctions() {}
}

namespace bivouac::firmware {

int Database::open(const std::string& path, const char* vfs) {
  close();
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags, vfs);
  if (code != SQLITE_OK) close();
  return code;
}

void Database::close() {
  sqlite3_close_v2(handle_);
  handle_ = nullptr;
}

int Database::execute(const char* sql) {
  return sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
}

std::string Database::error_text() const {
  return handle_ == nullptr ? "not open" : sqlite3_errmsg(handle_);
}

int Statement::prepare(const Database& database, const char* sql) {
  finalize();
  constexpr unsigned flags = SQLITE_PREPARE_PERSISTENT;
  prepared_ = sqlite3_prepare_v3(database.handle(), sql, -1, flags, &handle_, nullptr);
  return prepared_;
}

void Statement::finalize() {
  sqlite3_finalize(handle_);
  handle_ = nullptr;
  prepared_ = SQLITE_MISUSE;
}

Statement& Statement::bind(int index, std::int64_t number) {
  sqlite3_bind_int64(handle_, index, number);
  return *this;
}

Statement& Statement::bind(int index, ByteView bytes) {
  sqlite3_bind_blob64(handle_, index, bytes.data(), bytes.size(), nullptr);
  return *this;
}

Statement& Statement::bind(int index, const std::string& text) {
  sqlite3_bind_text(handle_, index, text.data(), static_cast<int>(text.size()), nullptr);
  return *this;
}

int Statement::step() { return prepared_ == SQLITE_OK ? sqlite3_step(handle_) : prepared_; }

void Statement::reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

int Statement::run() {
  int code = step();
  while (code == SQLITE_ROW) code = step();
  reset();
  return code;
}

ByteView Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(handle_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
  return {static_cast<const std::uint8_t*>(data), data == nullptr ? 0 : size};
}

std::string Statement::text(int column) const {
  const ByteView view = bytes(column);
  return {view.begin(), view.end()};
}

bool is_full(int code) { return (code & 0xFF) == SQLITE_FULL; }

bool is_damage(int code) {
  switch (code) {
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS:
    case SQLITE_IOERR_DATA: return true;
    default: break;
  }
  const int primary = code & 0xFF;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

}  // namespace bivouac::firmware
