// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace bivouac::firmware {

std::expected<std::string, std::string> read_text_file(const std::string& file,
                                                       std::size_t bytes_max) {
  struct Close {
    void operator()(std::FILE* stream) const { std::fclose(stream); }
  };
  const auto cannot = [] {
    return std::unexpected(std::string("the file cannot be read: ") + std::strerror(errno));
  };
  const std::unique_ptr<std::FILE, Close> stream(std::fopen(file.c_str(), "rbe"));
  if (!stream) return cannot();
  std::string text;
  char buffer[16 * 1024];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, stream.get())) {
    text.append(buffer, got);
    if (text.size() > bytes_max) {
      return std::unexpected("the file is too long: expected at most " + std::to_string(bytes_max) +
                             " bytes");
    }
  }
  if (std::ferror(stream.get()) != 0) return cannot();
  return text;
}

}  // namespace bivouac::firmware
