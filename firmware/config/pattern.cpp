// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/pattern.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/base/limits.h"

namespace bivouac::firmware {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool starts_or_is_started_by(std::string_view a, std::string_view b) {
  return a.starts_with(b) || b.starts_with(a);
}

bool ends_or_is_ended_by(std::string_view a, std::string_view b) {
  return a.ends_with(b) || b.ends_with(a);
}

bool is_number_pattern(std::string_view number) {
  if (number.starts_with('+')) number.remove_prefix(1);
  return !number.empty() &&
         std::ranges::all_of(number, [](char c) { return (c >= '0' && c <= '9') || c == '*'; });
}

}  // namespace

std::optional<std::string> canonical_pattern(std::string_view text) {
  if (text.size() > limits::identity_bytes_max || !is_clean_text(text) || text.contains(' ')) {
    return std::nullopt;
  }
  const auto stars = std::ranges::count(text, '*');
  if (stars > 1) return std::nullopt;
  if (stars == 0) {
    Result<std::string> identity = canonical_identity(text);
    if (!identity) return std::nullopt;
    return std::move(*identity);
  }
  if (text == "*") return std::string(text);
  std::string pattern(text);
  const std::size_t colon = pattern.find(':');
  // A star before the colon leaves nothing to say about the scheme: only the end counts.
  if (pattern.find('*') > colon) {
    std::ranges::transform(pattern.begin(), pattern.begin() + static_cast<std::ptrdiff_t>(colon),
                           pattern.begin(), lower);
    if (pattern.starts_with("tel:")) {
      return is_number_pattern(std::string_view(pattern).substr(4)) ? std::optional(pattern)
                                                                    : std::nullopt;
    }
    if (!pattern.starts_with("sip:")) return std::nullopt;
  } else if (!pattern.starts_with('*')) {
    return std::nullopt;
  }
  const std::size_t at = pattern.rfind('@');
  if (at != std::string::npos) {
    std::ranges::transform(pattern.begin() + static_cast<std::ptrdiff_t>(at), pattern.end(),
                           pattern.begin() + static_cast<std::ptrdiff_t>(at), lower);
  }
  return pattern;
}

std::optional<std::string> canonical_system_pattern(std::string_view text) {
  if (!text.contains('*')) {
    Result<std::string> system = canonical_system(text);
    if (!system) return std::nullopt;
    return std::move(*system);
  }
  std::optional<std::string> pattern = canonical_pattern(text);
  if (!pattern || pattern->contains('@') || pattern->starts_with("tel:")) return std::nullopt;
  std::ranges::transform(*pattern, pattern->begin(), lower);  // a host has no case
  return pattern;
}

bool overlap(std::string_view a, std::string_view b) {
  const std::size_t star_a = a.find('*');
  const std::size_t star_b = b.find('*');
  if (star_a == std::string_view::npos) return matches(b, a);
  if (star_b == std::string_view::npos) return matches(a, b);
  return starts_or_is_started_by(a.substr(0, star_a), b.substr(0, star_b)) &&
         ends_or_is_ended_by(a.substr(star_a + 1), b.substr(star_b + 1));
}

}  // namespace bivouac::firmware
