// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "firmware/store/files.h"
#include "firmware/store/layout.h"

namespace bivouac::firmware {

using Page = std::array<std::uint8_t, layout::page_bytes>;

/// A write-ahead log as SQLite lays it out (https://sqlite.org/fileformat2.html#walformat), read
/// frame by frame without SQLite. SQLite takes the first broken frame for the end of the log; after
/// a power cut that is right, but a damaged sector in the middle would silently undo commits.
class WalReader {
 public:
  WalReader(Files& files, std::string path);

  /// Commits lie behind a frame that does not hold: not the torn end of the last one.
  bool is_damaged() const { return damaged_; }
  /// Offset of the newest committed copy of each page, those behind broken frames too.
  const std::map<std::uint32_t, std::uint64_t>& pages() const { return pages_; }
  /// Pages of the database as of the last commit; 0: nothing is committed here.
  std::uint32_t page_count() const { return page_count_; }

 private:
  struct Checksum;
  class Gathering;
  void read_frames(std::uint64_t size);
  std::array<std::uint8_t, 8> find_salt(std::uint64_t count);

  Files& files_;
  std::string path_;
  bool damaged_ = false;
  std::uint32_t page_count_ = 0;
  std::map<std::uint32_t, std::uint64_t> pages_;
};

/// The pages of a database as its last commit left them, as far as they can be read: the file with
/// its write-ahead log laid over it. Numbers start at 1.
class PageReader {
 public:
  PageReader(Files& files, const std::string& path);

  std::uint32_t page_count() const { return page_count_; }
  /// False: there is none, or the disk does not give it.
  bool read(std::uint32_t number, Page& page);

 private:
  Files& files_;
  std::string path_;
  WalReader wal_;
  std::uint32_t page_count_ = 0;
};

/// Big-endian, as in every SQLite structure.
inline std::uint32_t be32(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24U | std::uint32_t{at[1]} << 16U | std::uint32_t{at[2]} << 8U |
         at[3];
}
inline std::uint32_t be16(const std::uint8_t* at) { return std::uint32_t{at[0]} << 8U | at[1]; }

}  // namespace bivouac::firmware
