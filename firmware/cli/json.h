// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bivouac::firmware::cli {

/// Writes JSON, indented by two, in the order of the calls. The caller keeps begin and end in
/// pairs.
class Json {
 public:
  Json& begin_object() { return begin('{'); }
  Json& end_object() { return end('}'); }
  Json& begin_array() { return begin('['); }
  Json& end_array() { return end(']'); }
  /// Before each value of an object.
  Json& key(std::string_view name);

  Json& text(std::string_view value);
  Json& number(std::uint64_t value) { return raw(std::to_string(value)); }
  Json& signed_number(std::int64_t value) { return raw(std::to_string(value)); }
  Json& boolean(bool value) { return raw(value ? "true" : "false"); }

  // key and value in one call
  Json& text(std::string_view name, std::string_view value) { return key(name).text(value); }
  Json& number(std::string_view name, std::uint64_t value) { return key(name).number(value); }
  Json& boolean(std::string_view name, bool value) { return key(name).boolean(value); }

  /// The whole, with a line end.
  std::string take();

 private:
  Json& begin(char bracket);
  Json& end(char bracket);
  Json& raw(std::string_view value);
  void separate();

  std::string out_;
  std::size_t depth_ = 0;
  bool first_ = true;  // nothing yet inside the innermost bracket
  bool after_key_ = false;
};

}  // namespace bivouac::firmware::cli
