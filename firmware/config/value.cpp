// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/value.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#include <toml++/toml.hpp>

namespace bivouac::firmware {
namespace {

Position position(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

Value convert(const toml::node& node);

Value convert_table(const toml::table& table) {
  Value value;
  value.kind = Value::Kind::table;
  value.at = position(table.source());
  for (const auto& [key, child] : table) {
    value.entries.push_back({std::string(key.str()), position(key.source()), convert(child)});
  }
  return value;
}

Value convert_array(const toml::array& array) {
  Value value;
  value.kind = Value::Kind::array;
  value.at = position(array.source());
  for (const toml::node& child : array) value.items.push_back(convert(child));
  return value;
}

Value convert(const toml::node& node) {
  if (const toml::table* table = node.as_table()) return convert_table(*table);
  if (const toml::array* array = node.as_array()) return convert_array(*array);
  Value value;
  value.at = position(node.source());
  if (const auto* text = node.as_string()) {
    value.kind = Value::Kind::text;
    value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = Value::Kind::integer;
    value.integer = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    value.kind = Value::Kind::number;
    value.number = number->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = Value::Kind::boolean;
    value.boolean = boolean->get();
  } else {
    value.kind = Value::Kind::date;
  }
  return value;
}

}  // namespace

std::string_view in_words(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::text: return "a text in quotes";
    case Value::Kind::integer: return "an integer";
    case Value::Kind::number: return "a number with a fraction";
    case Value::Kind::boolean: return "true or false";
    case Value::Kind::date: return "a date or time";
    case Value::Kind::array: return "a list";
    case Value::Kind::table: return "a section";
  }
  return "something else";
}

std::optional<Value> parse_toml(std::string_view text, Problems& problems) {
  const toml::parse_result result = toml::parse(text, problems.file());
  if (!result) {
    problems.error(position(result.error().source()),
                   "not TOML: " + std::string(result.error().description()));
    return std::nullopt;
  }
  return convert_table(result.table());
}

std::string in_quotes(std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 0xF];
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace bivouac::firmware
