// SPDX-License-Identifier: Apache-2.0
#include "firmware/platform/text.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace bivouac::firmware {

namespace {

constexpr std::string_view place = "{}";

}  // namespace

std::string fill(std::string_view pattern, std::initializer_list<Part> parts) {
  std::string text;
  for (const Part& part : parts) {
    const std::size_t at = std::min(pattern.find(place), pattern.size());
    text += pattern.substr(0, at);
    text += part.text();
    pattern.remove_prefix(std::min(at + place.size(), pattern.size()));
  }
  return text += pattern;
}

std::string utc_digits(WallMs time) {
  const std::time_t moment = time.ms / 1000 - (time.ms % 1000 < 0 ? 1 : 0);
  std::tm date{};
  gmtime_r(&moment, &date);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%d%H%M%S", &date)};
}

std::string utc_text(WallMs time) {
  const std::string digits = utc_digits(time);
  const std::size_t month = digits.size() - 10;  // wherever the year ends
  return filled("{}-{}-{} {}:{}:{} UTC", digits.substr(0, month), digits.substr(month, 2),
                digits.substr(month + 2, 2), digits.substr(month + 4, 2),
                digits.substr(month + 6, 2), digits.substr(month + 8, 2));
}

}  // namespace bivouac::firmware
