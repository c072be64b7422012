// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/service.h"
#include "firmware/config/problem.h"
#include "firmware/config/value.h"

namespace bivouac::firmware {

struct WordValue {
  std::string_view word;
  std::uint8_t value;
};

/// Reads the keys of one table and says what is wrong with each. Names every key exactly once;
/// finish() then refuses those that nobody asked for, naming the nearest that was.
class Fields {
 public:
  /// `name` is the section as the reader knows it: "[listen]", "[[partner]]".
  Fields(const Value& table, std::string name, Problems& problems);

  bool has(std::string_view key);
  /// The position of a key's value, or of the table when the key is missing.
  Position at(std::string_view key);

  // Each leaves `out` alone when the key is missing or wrong, and answers whether it was set.
  bool text(std::string_view key, std::string& out);
  bool boolean(std::string_view key, bool& out);
  bool texts(std::string_view key, std::vector<std::string>& out, std::vector<Position>& positions);
  bool services(std::string_view key, Services& out);
  bool word(std::string_view key, std::span<const WordValue> words, std::uint8_t& out);
  /// "250ms", "30s", "5min", "2h", as milliseconds.
  bool duration(std::string_view key, std::uint32_t& out);
  /// "512KiB", "16MiB", "1GiB", or a number of bytes.
  bool size(std::string_view key, std::uint64_t& out);

  template <class Unsigned>
  bool unsigned_number(std::string_view key, Unsigned& out, std::uint64_t max) {
    std::uint64_t value = 0;
    if (!whole_number(key, value, max)) return false;
    out = static_cast<Unsigned>(value);
    return true;
  }

  /// A section; null when missing or not a section.
  const Value* table(std::string_view key);
  /// Sections in double brackets; empty when missing or wrong.
  std::span<const Value> tables(std::string_view key);
  const Value* find(std::string_view key);

  void missing(std::string_view key, std::string_view expected);
  void wrong(const Value& value, std::string_view key, std::string_view expected);
  void finish();

  Problems& problems() { return problems_; }
  const std::string& name() const { return name_; }
  Position position() const { return table_.at; }

 private:
  bool whole_number(std::string_view key, std::uint64_t& out, std::uint64_t max);
  const Value* find(std::string_view key, Value::Kind kind, std::string_view expected);

  const Value& table_;
  std::string name_;
  Problems& problems_;
  std::vector<std::string_view> known_;
};

/// Milliseconds of "250ms", "30s", "5min", "2h"; nothing when it is none.
std::optional<std::uint64_t> parse_duration(std::string_view text);
/// The shortest spelling that parse_duration reads back.
std::string write_duration(std::uint64_t ms);
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace bivouac::firmware
