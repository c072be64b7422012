// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/store/key.h"

// What core/store/FORMAT.md says of the database, as code: names, numbers, checksums of rows.

namespace bivouac::firmware::layout {

inline constexpr std::uint32_t application_id = 0x42565131;  // "BVQ1"
inline constexpr std::int64_t schema_version = 1;
inline constexpr std::size_t page_bytes = 4096;

/// Files beside the database.
inline std::string wal(const std::string& path) { return path + "-wal"; }
inline std::string lock(const std::string& path) { return path + ".lock"; }
inline std::string reserve(const std::string& path) { return path + ".reserve"; }
inline std::string snapshot(const std::string& path) { return path + ".snapshot"; }
inline std::string snapshot_unfinished(const std::string& path) { return path + ".snapshot.new"; }
inline std::string replacement(const std::string& path) { return path + ".salvaged"; }
inline std::string replacement_unfinished(const std::string& path) { return path + ".new"; }
inline std::string suspect(const std::string& path) { return path + ".suspect"; }
inline std::string damaged(const std::string& path, std::uint32_t number) {
  return path + ".damaged-" + std::to_string(number);
}

/// Says that this store lives on elsewhere (bivouac export).
inline std::string moved(const std::string& path) { return path + ".moved"; }

/// Every file that a store may be in; what it can do without is not among them.
inline std::vector<std::string> contents(const std::string& path) {
  return {path, wal(path), snapshot(path), replacement(path), suspect(path)};
}

std::uint32_t record_checksum(std::int64_t seq, ByteView key, ByteView value);
std::uint32_t journal_checksum(std::int64_t seq, ByteView batch);

/// The statements that make an empty database.
extern const char* const schema;

}  // namespace bivouac::firmware::layout
