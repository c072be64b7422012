// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include <sqlite3.h>

namespace bivouac::firmware {

/// An SQLite VFS that passes everything to another one and counts what is really written: flash
/// wears by bytes, and a commit is as slow as its sync. One per store; counters read on any thread.
class CountingVfs {
 public:
  /// `below` is the name of the VFS that does the work; null: SQLite's default.
  explicit CountingVfs(const char* below);
  ~CountingVfs();
  CountingVfs(const CountingVfs&) = delete;
  CountingVfs& operator=(const CountingVfs&) = delete;

  const char* name() const { return name_.c_str(); }
  std::uint64_t bytes_written() const { return bytes_written_; }
  std::uint64_t syncs() const { return syncs_; }
  std::uint64_t sync_last_us() const { return sync_last_us_; }
  std::uint64_t sync_max_us() const { return sync_max_us_; }

 private:
  struct Calls;
  std::string name_;
  sqlite3_vfs vfs_{};
  sqlite3_vfs* below_ = nullptr;
  std::atomic<std::uint64_t> bytes_written_ = 0;
  std::atomic<std::uint64_t> syncs_ = 0;
  std::atomic<std::uint64_t> sync_last_us_ = 0;
  std::atomic<std::uint64_t> sync_max_us_ = 0;
};

}  // namespace bivouac::firmware
