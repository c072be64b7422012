// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/time.h"

// Sentences out of parts. What the standard library has for it brings in all kinds of numbers and
// calendars: 300 KiB of a board's flash.

namespace bivouac::firmware {

/// What goes into a pattern: text, or a whole number.
class Part {
 public:
  explicit Part(std::string_view text) : text_(text) {}
  explicit Part(const std::string& text) : text_(text) {}
  explicit Part(const char* text) : text_(text) {}
  explicit Part(std::integral auto number) : text_(std::to_string(number)) {}
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// The pattern with its places, written {}, filled in their order.
std::string fill(std::string_view pattern, std::initializer_list<Part> parts);

template <class... Parts>
std::string filled(std::string_view pattern, const Parts&... parts) {
  return fill(pattern, {Part(parts)...});
}

/// A moment in UTC, as 20261231235959.
std::string utc_digits(WallMs time);
/// As 2026-12-31 23:59:59 UTC.
std::string utc_text(WallMs time);

}  // namespace bivouac::firmware
