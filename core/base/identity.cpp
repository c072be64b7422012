// SPDX-License-Identifier: Apache-2.0
#include "core/base/identity.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "core/base/limits.h"

// No character class of <cctype>: those ask the locale.

namespace bivouac {
namespace {

constexpr std::string_view sip_scheme = "sip:";
constexpr std::string_view tel_scheme = "tel:";
constexpr std::uint32_t sip_default_port = 5060;
constexpr std::size_t label_bytes_max = 63;

/// The canonical text under construction, on the stack: checking a received identity must not
/// allocate. What does not fit makes the whole identity malformed.
class Text {
 public:
  void add(char c) {
    if (size_ < bytes_.size()) {
      bytes_[size_++] = c;
    } else {
      overflown_ = true;
    }
  }
  void add(std::string_view text) {
    for (const char c : text) add(c);
  }
  void add_number(std::uint32_t number, unsigned base) {
    std::array<char, 10> digits{};
    std::size_t count = 0;
    do {
      digits[count++] = "0123456789abcdef"[number % base];
      number /= base;
    } while (number != 0);
    while (count > 0) add(digits[--count]);
  }
  std::string_view view() const { return {bytes_.data(), size_}; }
  bool overflown() const { return overflown_; }

 private:
  std::array<char, limits::identity_bytes_max> bytes_{};
  std::size_t size_ = 0;
  bool overflown_ = false;
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_unreserved(char c) {
  return is_digit(c) || is_letter(c) || std::string_view("-_.!~*'()").contains(c);
}

constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Takes the scheme off, in whatever case it is written.
bool take_scheme(std::string_view& text, std::string_view scheme) {
  if (text.size() < scheme.size()) return false;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    if (to_lower(text[i]) != scheme[i]) return false;
  }
  text.remove_prefix(scheme.size());
  return true;
}

/// A decimal number without sign; the longest allowed one has `digits_max` digits.
std::optional<std::uint32_t> number(std::string_view text, std::size_t digits_max) {
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value;
}

/// The user part. Raw ';' and '?' are refused although they are legal before the '@': they are what
/// other parsers take for the start of parameters and headers. An escaped character stays escaped
/// when it is reserved, since then the two spellings mean different users.
bool add_user(std::string_view user, Text& out) {
  if (user.empty()) return false;
  std::array<char, limits::identity_bytes_max> decoded{};
  std::size_t decoded_size = 0;
  for (std::size_t i = 0; i < user.size(); ++i) {
    char c = user[i];
    const bool escaped = c == '%';
    if (escaped) {
      if (i + 2 >= user.size()) return false;
      const int high = hex_value(user[i + 1]);
      const int low = hex_value(user[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (decoded_size == decoded.size()) return false;
    decoded[decoded_size++] = c;
    if (is_unreserved(c)) {
      out.add(c);
    } else if (escaped) {
      constexpr std::string_view digits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      out.add('%');
      out.add(digits[byte >> 4U]);
      out.add(digits[byte & 0xFU]);
    } else if (std::string_view("&=+$,/").contains(c)) {
      out.add(c);
    } else {
      return false;
    }
  }
  // What the escapes stand for is shown to people and compared by others: it must be a text.
  return is_clean_text({decoded.data(), decoded_size});
}

/// Four decimal numbers; their canonical spelling is the only one accepted.
std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t end = part < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view digits = text.substr(0, end);
    const auto value = number(digits, 3);
    if (!value || *value > 255 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    address = (address << 8U) | *value;
    text.remove_prefix(part < 3 ? end + 1 : end);
  }
  return address;
}

using Ipv6 = std::array<std::uint16_t, 8>;

/// The groups between two "::" or ends; gives how many were written to `out`.
std::optional<std::size_t> parse_ipv6_groups(std::string_view text, std::span<std::uint16_t> out) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.contains('.')) {
      const auto embedded = parse_ipv4(group);
      if (!embedded || out.size() - count < 2) return std::nullopt;
      out[count++] = static_cast<std::uint16_t>(*embedded >> 16U);
      out[count++] = static_cast<std::uint16_t>(*embedded);
      return count;
    }
    if (group.empty() || group.size() > 4 || count == out.size()) return std::nullopt;
    unsigned value = 0;
    for (const char c : group) {
      const int digit = hex_value(c);
      if (digit < 0) return std::nullopt;
      value = value * 16 + static_cast<unsigned>(digit);
    }
    out[count++] = static_cast<std::uint16_t>(value);
    if (colon == std::string_view::npos) return count;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;  // a colon with nothing behind it
  }
  return count;
}

std::optional<Ipv6> parse_ipv6(std::string_view text) {
  Ipv6 address{};
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto count = parse_ipv6_groups(text, address);
    return count == address.size() ? std::optional(address) : std::nullopt;
  }
  const std::string_view before = text.substr(0, gap);
  if (before.contains('.')) return std::nullopt;  // an IPv4 tail is a tail
  Ipv6 tail{};
  const auto head_count = parse_ipv6_groups(before, address);
  const auto tail_count = parse_ipv6_groups(text.substr(gap + 2), tail);
  if (!head_count || !tail_count || *head_count + *tail_count >= address.size()) {
    return std::nullopt;
  }
  std::copy_n(tail.begin(), *tail_count, address.end() - static_cast<std::ptrdiff_t>(*tail_count));
  return address;
}

/// Lower case, no leading zeros, the first of the longest runs of two or more zero groups as "::".
void add_ipv6(const Ipv6& address, Text& out) {
  std::size_t gap = address.size();
  std::size_t gap_size = 1;
  for (std::size_t i = 0; i < address.size(); ++i) {
    std::size_t size = 0;
    while (i + size < address.size() && address[i + size] == 0) ++size;
    if (size > gap_size) {
      gap = i;
      gap_size = size;
    }
  }
  out.add('[');
  for (std::size_t i = 0; i < address.size(); ++i) {
    if (i == gap) {
      out.add("::");
      i += gap_size - 1;
      continue;
    }
    if (i != 0 && i != gap + gap_size) out.add(':');
    out.add_number(address[i], 16);
  }
  out.add(']');
}

/// A host name; one whose last label begins with a digit must be a whole IPv4 address.
bool add_name(std::string_view host, Text& out) {
  const std::size_t last_dot = host.rfind('.');
  const std::string_view last = host.substr(last_dot == std::string_view::npos ? 0 : last_dot + 1);
  if (!last.empty() && is_digit(last[0])) {
    if (!parse_ipv4(host)) return false;
    out.add(host);
    return true;
  }
  std::size_t label_size = 0;
  char previous = '.';
  for (const char c : host) {
    if (c == '.') {
      if (label_size == 0 || previous == '-') return false;
      label_size = 0;
    } else {
      const bool in_place = is_letter(c) || is_digit(c) || (c == '-' && label_size > 0);
      if (!in_place || ++label_size > label_bytes_max) return false;
    }
    out.add(to_lower(c));
    previous = c;
  }
  return label_size > 0 && previous != '-';
}

bool add_port(std::string_view text, bool only_default, Text& out) {
  const auto port = number(text, 5);
  if (!port || *port == 0 || *port > 65'535) return false;
  if (*port == sip_default_port) return true;
  if (only_default) return false;
  out.add(':');
  out.add_number(*port, 10);
  return true;
}

bool add_host(std::string_view host, bool only_default_port, Text& out) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return false;
    const auto address = parse_ipv6(host.substr(1, end - 1));
    if (!address) return false;
    add_ipv6(*address, out);
    host.remove_prefix(end + 1);
    if (host.empty()) return true;
    return host[0] == ':' && add_port(host.substr(1), only_default_port, out);
  }
  const std::size_t colon = host.find(':');
  if (!add_name(host.substr(0, colon), out)) return false;
  return colon == std::string_view::npos ||
         add_port(host.substr(colon + 1), only_default_port, out);
}

bool add_telephone(std::string_view number, Text& out) {
  if (!number.starts_with('+')) return false;  // local numbers mean something else at each place
  out.add('+');
  bool any = false;
  for (const char c : number.substr(1)) {
    if (is_digit(c)) {
      out.add(c);
      any = true;
    } else if (!std::string_view("-.()").contains(c)) {
      return false;
    }
  }
  return any;
}

bool write_identity(std::string_view text, Text& out) {
  if (text.size() > limits::identity_bytes_max) return false;
  if (take_scheme(text, tel_scheme)) {
    out.add(tel_scheme);
    return add_telephone(text, out) && !out.overflown();
  }
  if (!take_scheme(text, sip_scheme)) return false;
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return false;
  out.add(sip_scheme);
  if (!add_user(text.substr(0, at), out)) return false;
  out.add('@');
  return add_host(text.substr(at + 1), false, out) && !out.overflown();
}

bool write_system(std::string_view text, Text& out) {
  if (text.size() > limits::identity_bytes_max || !take_scheme(text, sip_scheme)) return false;
  out.add(sip_scheme);
  return add_host(text, true, out) && !out.overflown();
}

/// Length of the well-formed UTF-8 sequence at the front of `text`, or 0; its code point beside it.
std::size_t utf8_sequence(std::string_view text, std::uint32_t& code_point) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) {
    code_point = first;
    return 1;
  }
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  code_point = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
    code_point = (code_point << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < smallest[size] || code_point > 0x10FFFF || surrogate) return 0;
  return size;
}

}  // namespace

Result<std::string> canonical_identity(std::string_view text) {
  Text out;
  if (!write_identity(text, out)) return refuse(Cause::identity_malformed);
  return std::string(out.view());
}

Result<std::string> canonical_system(std::string_view text) {
  Text out;
  if (!write_system(text, out)) return refuse(Cause::identity_malformed);
  return std::string(out.view());
}

bool is_canonical_identity(std::string_view text) {
  Text out;
  return write_identity(text, out) && out.view() == text;
}

bool is_canonical_system(std::string_view text) {
  Text out;
  return write_system(text, out) && out.view() == text;
}

bool matches(std::string_view pattern, std::string_view identity) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return !pattern.empty() && pattern == identity;
  const std::string_view head = pattern.substr(0, star);
  const std::string_view tail = pattern.substr(star + 1);
  // A second '*' would be a mistake in a permission: it grants nothing.
  return !tail.contains('*') && identity.size() >= head.size() + tail.size() &&
         identity.starts_with(head) && identity.ends_with(tail);
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view identity) {
  return std::ranges::any_of(
      patterns, [&](const std::string& pattern) { return matches(pattern, identity); });
}

bool is_clean_text(std::string_view text) {
  while (!text.empty()) {
    std::uint32_t code_point = 0;
    const std::size_t size = utf8_sequence(text, code_point);
    if (size == 0) return false;
    if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0)) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace bivouac
