// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/config/problem.h"

namespace bivouac::firmware {

struct Entry;

/// A TOML value with its place in the file. The parser's own types stay in value.cpp.
struct Value {
  enum class Kind : std::uint8_t { text, integer, number, boolean, date, array, table };
  Kind kind = Kind::table;
  Position at;
  std::string text;            // text
  std::int64_t integer = 0;    // integer
  double number = 0.0;         // number
  bool boolean = false;        // boolean
  std::vector<Value> items;    // array
  std::vector<Entry> entries;  // table, in the order of their keys
};

struct Entry {
  std::string key;
  Position at;  // of the key
  Value value;
};

/// "a text", "an integer": what a value is, in words for a message.
std::string_view in_words(Value::Kind kind);

/// The whole file as one table; nothing after a syntax error, which is then the one problem.
std::optional<Value> parse_toml(std::string_view text, Problems& problems);

}  // namespace bivouac::firmware
