// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace bivouac::firmware {

/// What the store needs of a file system beside the door that SQLite has of its own. Tests put a
/// disk behind both that loses power. False always means that it did not happen.
class Files {
 public:
  virtual ~Files() = default;

  /// -1: there is no such file.
  virtual std::int64_t size(const std::string& path) = 0;
  /// Bytes read, fewer at the end of the file; -1: unreadable there.
  virtual std::int64_t read(const std::string& path, std::uint64_t offset,
                            std::span<std::uint8_t> into) = 0;
  /// An empty file that nobody else may read (0600); refused when it exists.
  virtual bool create_private(const std::string& path) = 0;
  /// Gone afterwards, also when it was not there.
  virtual bool remove(const std::string& path) = 0;
  /// Replaces what is there. Durable after sync_folder_of.
  virtual bool rename(const std::string& from, const std::string& to) = 0;
  virtual bool sync_folder_of(const std::string& path) = 0;
  /// A private file of real blocks, not of a hole.
  virtual bool allocate(const std::string& path, std::uint64_t bytes) = 0;
  /// What this process may still write on the file system of `path`.
  virtual std::uint64_t free_bytes(const std::string& path) = 0;
  /// Held until unlock() or the end of the process; false: another process holds it, or the file
  /// cannot be made.
  virtual bool lock(const std::string& path) = 0;
  virtual void unlock(const std::string& path) = 0;
};

/// The real ones.
Files& posix_files();

}  // namespace bivouac::firmware
