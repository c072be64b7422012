// SPDX-License-Identifier: Apache-2.0
#include "firmware/store/layout.h"

#include <array>

#include "core/base/hash.h"

namespace bivouac::firmware::layout {
namespace {

std::uint32_t checksum_of(std::int64_t seq) {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(seq) >> (8 * i));
  }
  return crc32c(bytes);
}

}  // namespace

std::uint32_t record_checksum(std::int64_t seq, ByteView key, ByteView value) {
  return crc32c(value, crc32c(key, checksum_of(seq)));
}

std::uint32_t journal_checksum(std::int64_t seq, ByteView batch) {
  return crc32c(batch, checksum_of(seq));
}

// user_version may be read from a damaged header; `property` says it again, so that damage is not
// taken for a newer version.
const char* const schema =
    "CREATE TABLE property(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE record(key BLOB PRIMARY KEY, seq INTEGER NOT NULL, value BLOB NOT NULL,"
    "                    crc INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE journal(seq INTEGER PRIMARY KEY, batch BLOB NOT NULL, crc INTEGER NOT NULL);"
    "CREATE TABLE loss(id INTEGER PRIMARY KEY, sentence TEXT NOT NULL);"
    "INSERT INTO property VALUES('schema_version', 1);"
    "PRAGMA application_id=1112953137;"
    "PRAGMA user_version=1;";

}  // namespace bivouac::firmware::layout
