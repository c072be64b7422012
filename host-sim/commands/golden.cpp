// SPDX-License-Identifier: Apache-2.0
#include "host-sim/commands/golden.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

namespace bivouac::sim {
namespace {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return std::nullopt;
  return text;
}

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return !file.fail();
}

std::string golden_transcript_path(const std::string& scenario_path) {
  return std::filesystem::path(scenario_path).replace_extension(".txt").string();
}

std::string figure_path(const std::string& scenario_path) {
  const std::filesystem::path scenario(scenario_path);
  const std::filesystem::path root = scenario.parent_path() / ".." / "..";
  const std::filesystem::path name = scenario.stem().string() + ".svg";
  return (root / "host-sim" / "figures" / name).lexically_normal().string();
}

std::string difference(const std::string& path, const std::string& text) {
  const auto golden = read_file(path);
  if (!golden) return path + ": cannot be read; --rewrite makes it";
  if (*golden == text) return {};
  std::string_view expected = *golden;
  std::string_view found = text;
  for (std::size_t number = 1;; ++number) {
    const std::string_view expected_line = take_line(expected);
    const std::string_view found_line = take_line(found);
    const bool is_end = expected.empty() && found.empty();
    if (expected_line == found_line && !is_end) continue;
    return path + ":" + std::to_string(number) + ": expected '" + std::string(expected_line) +
           "', found '" + std::string(found_line) + "'; --rewrite writes it anew";
  }
}

}  // namespace bivouac::sim
