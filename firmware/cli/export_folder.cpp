// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/export_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/hash.h"

namespace bivouac::firmware::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_line = "bivouac export 1";
constexpr std::string_view last_line = "end";
constexpr mode_t for_the_owner = 0600;
constexpr std::size_t chunk_bytes = 64 * 1024;

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, for_the_owner)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

std::unexpected<std::string> cannot(const char* what, const fs::path& path) {
  const int why = errno;
  return std::unexpected(std::string("cannot ") + what + " " + path.string() + ": " +
                         std::strerror(why));
}

bool write_all(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

/// Reads `from` to its end; each piece goes to `use`, which says whether to go on.
template <class Use>
std::expected<FileFacts, std::string> read_through(const fs::path& from, Use use) {
  const Descriptor source(from, O_RDONLY);
  if (!source) return cannot("read", from);
  FileFacts facts;
  std::array<std::uint8_t, chunk_bytes> chunk;
  while (true) {
    const ssize_t got = ::read(source.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot("read", from);
    if (got == 0) return facts;
    const ByteView bytes(chunk.data(), static_cast<std::size_t>(got));
    facts.bytes += bytes.size();
    facts.checksum = crc32c(bytes, facts.checksum);
    if (Done used = use(bytes); !used) return std::unexpected(used.error());
  }
}

template <class Number>
bool take_number(std::string_view& line, Number& number, int base) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number, base);
  if (error != std::errc() || end == line.data() + line.size() || *end != ' ') return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
  return true;
}

bool stays_inside(const std::string& path) {
  const fs::path whole(path);
  if (path.empty() || whole.is_absolute() || whole.lexically_normal() != whole) return false;
  return std::none_of(whole.begin(), whole.end(),
                      [](const fs::path& part) { return part == ".."; });
}

bool parse_file(std::string_view line, ExportDescription& into) {
  ExportedFile file;
  if (!take_number(line, file.facts.bytes, 10)) return false;
  if (!take_number(line, file.facts.checksum, 16)) return false;
  file.path = line;
  const auto has_name = [&](const ExportedFile& other) { return other.path == file.path; };
  if (!stays_inside(file.path) || std::ranges::any_of(into.files, has_name)) return false;
  into.files.push_back(std::move(file));
  return true;
}

bool take_word(std::string_view& line, std::string_view word) {
  if (!line.starts_with(word)) return false;
  line.remove_prefix(word.size());
  return true;
}

}  // namespace

std::string to_text(const ExportDescription& description) {
  std::string text(first_line);
  text += "\nsystem " + description.system_id + '\n';
  for (const ExportedFile& file : description.files) {
    std::array<char, 9> checksum{};
    std::snprintf(checksum.data(), checksum.size(), "%08x", file.facts.checksum);
    text += "file " + std::to_string(file.facts.bytes) + ' ' + checksum.data() + ' ' + file.path;
    text += '\n';
  }
  return text + std::string(last_line) + '\n';
}

std::expected<ExportDescription, std::string> parse_export_description(std::string_view text) {
  ExportDescription found;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (number == 1) {
      if (line == first_line) continue;
      return std::unexpected("it was not written by `bivouac export` of this version");
    }
    if (line == last_line && !found.system_id.empty()) return found;
    if (number == 2 && take_word(line, "system ") && !line.empty()) {
      found.system_id = line;
      continue;
    }
    if (number > 2 && take_word(line, "file ") && parse_file(line, found)) continue;
    return std::unexpected("line " + std::to_string(number) + " is damaged");
  }
  return std::unexpected("its end is missing");
}

std::expected<FileFacts, std::string> facts_of(const fs::path& file) {
  return read_through(file, [](ByteView) { return Done(); });
}

std::expected<FileFacts, std::string> copy_durably(const fs::path& from, const fs::path& to) {
  const Descriptor target(to, O_WRONLY | O_CREAT | O_EXCL);
  if (!target) return cannot("make", to);
  auto facts = read_through(from, [&](ByteView bytes) -> Done {
    if (!write_all(target.get(), bytes)) return cannot("write", to);
    return {};
  });
  if (facts && ::fsync(target.get()) != 0) return cannot("write", to);
  return facts;
}

Done write_durably(const fs::path& file, std::string_view text) {
  const Descriptor target(file, O_WRONLY | O_CREAT | O_TRUNC);
  const ByteView bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  if (!target || !write_all(target.get(), bytes) || ::fsync(target.get()) != 0) {
    return cannot("write", file);
  }
  return {};
}

Done rename_durably(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return cannot("make", to);
  return sync_folder(to.parent_path());
}

Done sync_folder(const fs::path& folder) {
  const Descriptor opened(folder.empty() ? fs::path(".") : folder, O_RDONLY | O_DIRECTORY);
  if (!opened || ::fsync(opened.get()) != 0) return cannot("write", folder);
  return {};
}

}  // namespace bivouac::firmware::cli
