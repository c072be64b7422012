// SPDX-License-Identifier: Apache-2.0
#include "firmware/store/pages.h"

#include <algorithm>
#include <span>
#include <utility>

namespace bivouac::firmware {
namespace {

constexpr std::size_t header_bytes = 32;
constexpr std::size_t frame_header_bytes = 24;
constexpr std::size_t frame_bytes = frame_header_bytes + layout::page_bytes;
// The last bit says in which byte order the checksum takes its words: the writer's own.
constexpr std::uint32_t magic_little_endian = 0x377F0682;
constexpr std::uint64_t frames_max = 1U << 20U;

std::uint32_t le32(const std::uint8_t* at) {
  return std::uint32_t{at[3]} << 24U | std::uint32_t{at[2]} << 16U | std::uint32_t{at[1]} << 8U |
         at[0];
}

}  // namespace

/// The running checksum of a write-ahead log: two sums over pairs of words.
struct WalReader::Checksum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  friend bool operator==(Checksum, Checksum) = default;

  void add(std::span<const std::uint8_t> bytes) {
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
      first += le32(&bytes[i]) + second;
      second += le32(&bytes[i + 4]) + first;
    }
  }
  static Checksum stored(const std::uint8_t* at) { return {be32(at), be32(at + 4)}; }
};

/// Frames that hold, gathered to transactions.
class WalReader::Gathering {
 public:
  void add(const std::uint8_t* frame, std::uint64_t page_offset) {
    // What is not synced belongs to one transaction only: a frame that holds, behind a broken one
    // and behind the end of a transaction, was synced, and what broke before it broke on the disk.
    if (broken_ && ended_when_broken_) damaged_ = true;
    open_[be32(frame)] = page_offset;
    const std::uint32_t page_count = be32(frame + 4);
    if (page_count == 0) return;
    if (broken_) ended_when_broken_ = true;
    Log& log = broken_ ? behind_ : before_;
    log.page_count = page_count;
    for (const auto& [number, at] : open_) log.pages[number] = at;
    open_.clear();
  }

  void add_broken(std::uint32_t page_count) {
    broken_ = true;
    ended_when_broken_ = ended_when_broken_ || page_count != 0;
  }

  /// The header is synced before any frame: a log that holds without one was damaged later.
  void add_broken_header() { add_broken(1); }

  void finish(WalReader& reader) {
    reader.damaged_ = damaged_;
    reader.pages_ = std::move(before_.pages);
    reader.page_count_ = before_.page_count;
    if (!damaged_) return;
    for (const auto& [number, at] : behind_.pages) reader.pages_[number] = at;
    reader.page_count_ = std::max(reader.page_count_, behind_.page_count);
  }

 private:
  struct Log {
    std::uint32_t page_count = 0;
    std::map<std::uint32_t, std::uint64_t> pages;
  };
  Log before_;  // the first broken frame; what SQLite sees
  Log behind_;
  std::map<std::uint32_t, std::uint64_t> open_;
  bool broken_ = false;
  bool ended_when_broken_ = false;
  bool damaged_ = false;
};

WalReader::WalReader(Files& files, std::string path) : files_(files), path_(std::move(path)) {
  const std::int64_t size = files_.size(path_);
  if (size >= static_cast<std::int64_t>(header_bytes + frame_bytes)) {
    read_frames(static_cast<std::uint64_t>(size));
  }
}

/// Without the header: the salt of the first frame that another one follows as it should.
std::array<std::uint8_t, 8> WalReader::find_salt(std::uint64_t count) {
  std::array<std::uint8_t, frame_bytes> frame{};
  std::array<std::uint8_t, 8> salt{};
  Checksum sum;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t offset = header_bytes + i * frame_bytes;
    if (files_.read(path_, offset, frame) != static_cast<std::int64_t>(frame_bytes)) continue;
    sum.add(std::span(frame).first(8));
    sum.add(std::span(frame).subspan(frame_header_bytes));
    const bool follows = sum == Checksum::stored(&frame[16]);
    std::copy_n(&frame[8], salt.size(), salt.begin());
    if (follows) break;
    sum = Checksum::stored(&frame[16]);
  }
  return salt;
}

void WalReader::read_frames(std::uint64_t size) {
  Gathering gathering;
  std::array<std::uint8_t, header_bytes> header{};
  const bool readable = files_.read(path_, 0, header) == static_cast<std::int64_t>(header_bytes);
  Checksum sum;
  sum.add(std::span(header).first(24));
  const bool header_holds = readable && be32(header.data()) == magic_little_endian &&
                            sum == Checksum::stored(&header[24]);
  if (!header_holds) gathering.add_broken_header();

  const std::uint64_t count = std::min((size - header_bytes) / frame_bytes, frames_max);
  std::array<std::uint8_t, 8> salt{};
  std::copy_n(&header[16], salt.size(), salt.begin());
  if (!header_holds) salt = find_salt(count);
  bool sum_is_known = header_holds;
  std::array<std::uint8_t, frame_bytes> frame{};
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t offset = header_bytes + i * frame_bytes;
    const bool is_read =
        files_.read(path_, offset, frame) == static_cast<std::int64_t>(frame_bytes);
    // Other salts: left over from before the log was last begun anew, or a damaged frame header.
    if (!is_read || !std::equal(salt.begin(), salt.end(), &frame[8])) {
      gathering.add_broken(0);
      sum_is_known = false;
      continue;
    }
    sum.add(std::span(frame).first(8));
    sum.add(std::span(frame).subspan(frame_header_bytes));
    const Checksum stored = Checksum::stored(&frame[16]);
    // Without the sum of the frame before, this one cannot be judged; its rows can, one by one.
    const bool holds = sum == stored || !sum_is_known;
    sum = stored;
    sum_is_known = true;
    if (holds) {
      gathering.add(frame.data(), offset + frame_header_bytes);
    } else {
      gathering.add_broken(be32(&frame[4]));
    }
  }
  gathering.finish(*this);
}

PageReader::PageReader(Files& files, const std::string& path)
    : files_(files), path_(path), wal_(files, layout::wal(path)) {
  const std::int64_t size = std::max<std::int64_t>(files_.size(path_), 0);
  const auto in_file =
      static_cast<std::uint32_t>(size / static_cast<std::int64_t>(layout::page_bytes));
  page_count_ = std::max(in_file, wal_.page_count());
}

bool PageReader::read(std::uint32_t number, Page& page) {
  if (number == 0 || number > page_count_) return false;
  const auto logged = wal_.pages().find(number);
  const std::int64_t got =
      logged != wal_.pages().end()
          ? files_.read(layout::wal(path_), logged->second, page)
          : files_.read(path_, std::uint64_t{number - 1} * layout::page_bytes, page);
  return got == static_cast<std::int64_t>(page.size());
}

}  // namespace bivouac::firmware
