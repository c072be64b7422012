// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/store/sealer.h"

namespace bivouac::firmware {

class Files;

struct StoreOptions {
  std::string path;  // of the database; its folder exists

  // Space. Low below `space_low_bytes` free beside the reserve; recovered when the reserve is whole
  // again and twice as much is free.
  std::uint64_t reserve_bytes = 4 * 1024 * 1024;
  std::uint64_t space_low_bytes = 4 * 1024 * 1024;
  std::int64_t space_interval_ms = 2'000;
  /// How long a commit waits for space when the reserve is used up, before it fails.
  std::int64_t space_patience_ms = 30'000;

  // Fold: after so long without a commit, or when the journal is so long.
  std::int64_t fold_idle_ms = 1'000;
  std::uint64_t journal_rows_max = 4'096;
  std::uint64_t journal_bytes_max = 4 * 1024 * 1024;
  std::int64_t fold_slice_us = 6'000;  // leaves time to write, within 10 ms

  // The last good copy: when idle, not more often, and only after so many committed bytes.
  std::int64_t snapshot_interval_ms = 10 * 60'000;
  std::uint64_t snapshot_changed_bytes = 256 * 1024;
  std::int64_t snapshot_idle_ms = 10'000;

  /// A database up to this size is checked at start, a larger one when idle.
  std::uint64_t check_at_start_bytes = 4 * 1024 * 1024;
  /// Pages in the write-ahead log after which they are written back.
  int checkpoint_pages = 256;

  /// Null: key material can be neither written nor read.
  store::Sealer* sealer = nullptr;
  Files* files = nullptr;     // null: posix_files()
  const char* vfs = nullptr;  // name of an SQLite VFS; null: the default
};

}  // namespace bivouac::firmware
