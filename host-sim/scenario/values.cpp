// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/values.h"

#include <algorithm>
#include <limits>

#include "core/base/identity.h"
#include "core/base/limits.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {
namespace {

template <class Number>
bool read_bounded(std::string_view text, Number& out) {
  const auto number = read_number(text);
  constexpr auto number_max = static_cast<std::uint64_t>(std::numeric_limits<Number>::max());
  if (!number || *number > number_max) return false;
  out = static_cast<Number>(*number);
  return true;
}

bool is_identity_or_pattern(const std::string& full) {
  return full.find('*') != std::string::npos || is_canonical_identity(full) ||
         is_canonical_system(full);
}

std::string four_digits(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(4 - std::min<std::size_t>(4, digits.size()), '0') + digits;
}

bool add_member(std::string_view name, GroupMember member, std::vector<GroupMember>& members) {
  member.mc_service_id = full_identity(name);
  if (!is_canonical_identity(member.mc_service_id)) return false;
  members.push_back(std::move(member));
  return members.size() <= limits::group_members_max;
}

/// "user[200]@alpha": user0001@alpha to user0200@alpha.
bool add_members(std::string_view text, std::vector<GroupMember>& members) {
  GroupMember member;
  if (text.ends_with('!')) {
    member.affiliation_required = true;
    text.remove_suffix(1);
  }
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    if (!read_value(text.substr(slash + 1), member.user_priority)) return false;
    text = text.substr(0, slash);
  }
  const std::size_t open = text.find('[');
  if (open == std::string_view::npos) return add_member(text, member, members);
  const std::size_t close = text.find(']', open);
  if (close == std::string_view::npos) return false;
  const auto count = read_number(text.substr(open + 1, close - open - 1));
  if (!count || *count > limits::group_members_max) return false;
  for (std::size_t number = 1; number <= *count; ++number) {
    const std::string name = std::string(text.substr(0, open)) + four_digits(number) +
                             std::string(text.substr(close + 1));
    if (!add_member(name, member, members)) return false;
  }
  return true;
}

}  // namespace

bool read_value(std::string_view text, bool& out) {
  if (text != "yes" && text != "no") return false;
  out = text == "yes";
  return true;
}
bool read_value(std::string_view text, std::uint8_t& out) { return read_bounded(text, out); }
bool read_value(std::string_view text, std::uint16_t& out) { return read_bounded(text, out); }
bool read_value(std::string_view text, std::uint32_t& out) { return read_bounded(text, out); }
bool read_value(std::string_view text, std::int64_t& out) { return read_bounded(text, out); }

bool read_value(std::string_view text, std::string& out) {
  if (!is_clean_text(text) || text.size() > limits::display_name_bytes_max) return false;
  out = text;
  return true;
}

bool read_value(std::string_view text, Services& out) {
  Services services;
  for (const std::string& word : split_list(text)) {
    const auto* found = std::ranges::find(all_services, word, [](Service s) { return name(s); });
    if (found == std::end(all_services)) return false;
    services = services | Services::of(*found);
  }
  out = services;
  return true;
}

bool read_value(std::string_view text, DurationMs& out) {
  const auto duration = read_duration(text);
  if (!duration || duration->ms < 0) return false;
  out = *duration;
  return true;
}

bool read_value(std::string_view text, std::vector<std::string>& out) {
  std::vector<std::string> names;
  for (const std::string& word : split_list(text)) {
    names.push_back(full_identity(word));
    if (!is_identity_or_pattern(names.back())) return false;
  }
  out = std::move(names);
  return true;
}

bool read_value(std::string_view text, Area& out) {
  Area area;
  for (const std::string& word : split_list(text)) {
    const std::size_t slash = word.find('/');
    if (slash == std::string::npos) return false;
    AreaPoint& corner = area.corners.emplace_back();
    if (!read_value(std::string_view(word).substr(0, slash), corner.latitude) ||
        !read_value(std::string_view(word).substr(slash + 1), corner.longitude) ||
        std::max(corner.latitude, corner.longitude) > limits::area_coordinate_max) {
      return false;
    }
  }
  if (area.corners.size() < limits::area_corners_min ||
      area.corners.size() > limits::area_corners_max) {
    return false;
  }
  out = std::move(area);
  return true;
}

bool read_value(std::string_view text, std::vector<GroupMember>& out) {
  std::vector<GroupMember> members;
  for (const std::string& word : split_list(text)) {
    if (!add_members(word, members)) return false;
  }
  std::ranges::sort(members, {}, &GroupMember::mc_service_id);
  if (std::ranges::adjacent_find(members, {}, &GroupMember::mc_service_id) != members.end()) {
    return false;
  }
  out = std::move(members);
  return true;
}

bool read_value(std::string_view text, AffiliationStatus& out) {
  for (std::uint8_t number = 0; number <= 5; ++number) {
    const AffiliationStatus status{number};
    if (name(status) != text) continue;
    out = status;
    return true;
  }
  return false;
}

std::string write_value(const std::string& value) { return value; }
std::string write_value(DurationMs value) { return write_duration(value); }

std::string write_value(Services value) {
  std::vector<std::string> words;
  for (const Service service : all_services) {
    if (value.has(service)) words.emplace_back(name(service));
  }
  return words.empty() ? "none" : join(words, ",");
}

std::string write_value(const std::vector<std::string>& value) {
  std::vector<std::string> words;
  for (const std::string& identity : value) words.push_back(short_identity(identity));
  return words.empty() ? "none" : join(words, ",");
}

std::string write_value(const Area& value) {
  std::vector<std::string> words;
  for (const AreaPoint& corner : value.corners) {
    words.push_back(write_value(corner.latitude) + "/" + write_value(corner.longitude));
  }
  return words.empty() ? "none" : join(words, ",");
}

std::string write_value(const std::vector<GroupMember>& value) {
  std::vector<std::string> words;
  for (const GroupMember& member : value) {
    words.push_back(short_identity(member.mc_service_id));
    if (member.user_priority != 0) words.back() += "/" + write_value(member.user_priority);
    if (member.affiliation_required) words.back() += "!";
  }
  return words.empty() ? "none" : join(words, ",");
}

}  // namespace bivouac::sim
