// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bivouac::firmware {

/// A position in a file, from 1; line 0 means the file as a whole.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// One thing that is wrong in a file, in words that say what was expected and what is there.
struct Problem {
  enum class Severity : std::uint8_t { error, warning };
  std::string file;
  Position at;
  Severity severity = Severity::error;
  std::string text;
};

/// "file:line:column: text"; a warning says so.
std::string to_string(const Problem& problem);

/// All that is wrong with one file, in the order of its lines; of very many, the first.
class Problems {
 public:
  static constexpr std::size_t listed_max = 200;

  explicit Problems(std::string file) : file_(std::move(file)) {}

  void error(Position at, std::string text);
  void warning(Position at, std::string text);
  bool has_errors() const { return errors_ > 0; }
  bool empty() const { return list_.empty(); }
  const std::string& file() const { return file_; }
  /// Sorted by position; the list is empty afterwards.
  std::vector<Problem> take();

 private:
  std::string file_;
  void add(Position at, Problem::Severity severity, std::string text);

  std::vector<Problem> list_;
  std::size_t errors_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace bivouac::firmware
