// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/affiliation.h"
#include "core/base/group_configuration.h"
#include "core/base/time.h"

// Values of settings as text, by their type. A read changes nothing unless it understood.

namespace bivouac::sim {

bool read_value(std::string_view text, bool& out);
bool read_value(std::string_view text, std::uint8_t& out);
bool read_value(std::string_view text, std::uint16_t& out);
bool read_value(std::string_view text, std::uint32_t& out);
bool read_value(std::string_view text, std::int64_t& out);
bool read_value(std::string_view text, std::string& out);
bool read_value(std::string_view text, Services& out);
bool read_value(std::string_view text, DurationMs& out);
/// Identities and patterns of them.
bool read_value(std::string_view text, std::vector<std::string>& out);
/// Corners: "latitude/longitude,...".
bool read_value(std::string_view text, Area& out);
/// "ada@alpha,ben@bravo/77,cy@bravo!,user[200]@alpha": one member, one with a priority, one who is
/// to stay affiliated, and 200 of them.
bool read_value(std::string_view text, std::vector<GroupMember>& out);
bool read_value(std::string_view text, AffiliationStatus& out);

template <class T>
bool read_value(std::string_view text, std::optional<T>& out) {
  T value{};
  if (!read_value(text, value)) return false;
  out = std::move(value);
  return true;
}

template <std::integral Number>
std::string write_value(Number value) {
  return std::to_string(value);
}
inline std::string write_value(bool value) { return value ? "yes" : "no"; }
std::string write_value(const std::string& value);
std::string write_value(Services value);
std::string write_value(DurationMs value);
std::string write_value(const std::vector<std::string>& value);
std::string write_value(const Area& value);
std::string write_value(const std::vector<GroupMember>& value);
inline std::string write_value(AffiliationStatus value) { return std::string(name(value)); }

template <class T>
std::string write_value(const std::optional<T>& value) {
  return value ? write_value(*value) : "none";
}

/// What a text of this type looks like.
inline std::string_view form_of(const bool&) { return "yes or no"; }
inline std::string_view form_of(const std::uint8_t&) { return "a number from 0 to 255"; }
inline std::string_view form_of(const std::uint16_t&) { return "a number from 0 to 65535"; }
inline std::string_view form_of(const std::uint32_t&) { return "a number"; }
inline std::string_view form_of(const std::int64_t&) { return "a number"; }
inline std::string_view form_of(const std::string&) { return "a text"; }
inline std::string_view form_of(const Services&) {
  return "services such as mcptt,mcdata, or none";
}
inline std::string_view form_of(const DurationMs&) { return "a time such as 200ms"; }
inline std::string_view form_of(const std::vector<std::string>&) {
  return "names such as fire-1@alpha,*@bravo, or none";
}
inline std::string_view form_of(const Area&) { return "corners such as 100/100,100/900,900/900"; }
inline std::string_view form_of(const std::vector<GroupMember>&) {
  return "members such as ada@alpha,ben@bravo/77,cy@bravo!,user[200]@alpha, or none";
}
inline std::string_view form_of(const AffiliationStatus&) {
  return "affiliated, affiliating, deaffiliating or another status";
}
template <class T>
std::string_view form_of(const std::optional<T>&) {
  return form_of(T{});
}

}  // namespace bivouac::sim
