// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/group_file.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/base/limits.h"
#include "firmware/config/area.h"
#include "firmware/config/fields.h"
#include "firmware/config/file.h"
#include "firmware/config/quotes.h"
#include "firmware/config/value.h"

namespace bivouac::firmware {
namespace {

constexpr std::size_t file_bytes_max = 2 * 1024 * 1024;

// One row per item: the reader and the writer walk the same tables, so neither can forget one.
template <class Owner, class T>
struct Item {
  std::string_view key;
  T Owner::* field;
};
template <class T>
using GroupItem = Item<GroupConfiguration, T>;

constexpr GroupItem<bool> state_flags[] = {
    {"disabled", &GroupConfiguration::disabled},
    {"temporary", &GroupConfiguration::temporary},
    {"preconfigured_group_use_only", &GroupConfiguration::preconfigured_group_use_only},
    {"prearranged", &GroupConfiguration::prearranged},
    {"allow_emergency_call", &GroupConfiguration::allow_emergency_call},
    {"allow_imminent_peril_call", &GroupConfiguration::allow_imminent_peril_call},
    {"allow_emergency_alert", &GroupConfiguration::allow_emergency_alert},
    {"protect_media", &GroupConfiguration::protect_media},
    {"protect_floor_control_signalling", &GroupConfiguration::protect_floor_control_signalling},
    {"mcvideo_protect_media", &GroupConfiguration::mcvideo_protect_media},
    {"mcvideo_protect_transmission_control",
     &GroupConfiguration::mcvideo_protect_transmission_control},
    {"mcdata_protect_payload", &GroupConfiguration::mcdata_protect_payload},
    {"mcdata_protect_signalling", &GroupConfiguration::mcdata_protect_signalling},
    {"allow_getting_member_list", &GroupConfiguration::allow_getting_member_list},
    {"allow_getting_affiliation_list", &GroupConfiguration::allow_getting_affiliation_list},
    {"allow_conference_state", &GroupConfiguration::allow_conference_state},
};

constexpr GroupItem<std::uint16_t> levels[] = {
    {"level_within_group_hierarchy", &GroupConfiguration::level_within_group_hierarchy},
    {"level_within_user_hierarchy", &GroupConfiguration::level_within_user_hierarchy},
};

constexpr GroupItem<std::uint32_t> counts[] = {
    {"participants_max", &GroupConfiguration::participants_max},
    {"participants_to_start_min", &GroupConfiguration::participants_to_start_min},
    {"affiliated_members_min", &GroupConfiguration::affiliated_members_min},
    {"simultaneous_talkers_max", &GroupConfiguration::simultaneous_talkers_max},
};

constexpr GroupItem<std::uint8_t> priorities[] = {
    {"group_priority", &GroupConfiguration::group_priority},
    {"mcvideo_group_priority", &GroupConfiguration::mcvideo_group_priority},
    {"mcdata_group_priority", &GroupConfiguration::mcdata_group_priority},
};

constexpr GroupItem<std::uint32_t> durations[] = {
    {"hang_timer", &GroupConfiguration::hang_timer_ms},
    {"maximum_duration", &GroupConfiguration::maximum_duration_ms},
    {"emergency_cancellation", &GroupConfiguration::emergency_cancellation_ms},
    {"imminent_peril_cancellation", &GroupConfiguration::imminent_peril_cancellation_ms},
};

constexpr GroupItem<std::optional<Area>> areas[] = {
    {"permitted_area", &GroupConfiguration::permitted_area},
    {"mandatory_area", &GroupConfiguration::mandatory_area},
};

constexpr GroupItem<std::vector<std::string>> alias_lists[] = {
    {"forbidden_deaffiliation_functional_aliases",
     &GroupConfiguration::forbidden_deaffiliation_functional_aliases},
    {"forbidden_deaffiliation_if_last_functional_aliases",
     &GroupConfiguration::forbidden_deaffiliation_if_last_functional_aliases},
};

constexpr Item<GroupMember, bool> member_flags[] = {
    {"required", &GroupMember::required},
    {"receive_only", &GroupMember::receive_only},
    {"multi_talker_allowed", &GroupMember::multi_talker_allowed},
    {"affiliation_required", &GroupMember::affiliation_required},
};

constexpr WordValue participant_words[] = {
    {"unspecified", static_cast<std::uint8_t>(ParticipantType::unspecified)},
    {"first_responder", static_cast<std::uint8_t>(ParticipantType::first_responder)},
    {"dispatcher", static_cast<std::uint8_t>(ParticipantType::dispatcher)},
    {"emergency_service", static_cast<std::uint8_t>(ParticipantType::emergency_service)},
    {"supervisor", static_cast<std::uint8_t>(ParticipantType::supervisor)},
};

constexpr std::string_view identity_words =
    "an identity such as \"sip:ada@alpha.example\" or \"tel:+49123\"";

// ---- reading

void read_identity(Fields& fields, std::string_view key, bool required, std::string& out) {
  std::string text;
  if (!fields.text(key, text)) {
    if (required && !fields.has(key)) fields.missing(key, identity_words);
    return;
  }
  Result<std::string> identity = canonical_identity(text);
  if (identity) {
    out = std::move(*identity);
  } else {
    fields.wrong(*fields.find(key), key, identity_words);
  }
}

void read_name(Fields& fields, std::string_view key, std::string& out) {
  if (!fields.text(key, out)) return;
  if (is_clean_text(out) && out.size() <= limits::display_name_bytes_max) return;
  fields.wrong(*fields.find(key), key,
               "a text of at most " + std::to_string(limits::display_name_bytes_max) +
                   " bytes without control characters");
}

void read_aliases(Fields& fields, std::string_view key, std::vector<std::string>& out) {
  std::vector<std::string> texts;
  std::vector<Position> positions;
  fields.texts(key, texts, positions);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Result<std::string> alias = canonical_identity(texts[i]);
    if (alias) {
      out.push_back(std::move(*alias));
      continue;
    }
    fields.problems().error(positions[i],
                            "expected a functional alias such as "
                            "\"sip:chief@alpha.example\" in " +
                                std::string(key) + ", got " + in_quotes(texts[i]));
  }
  if (out.size() > limits::functional_aliases_max) {
    fields.problems().error(fields.at(key), "expected at most " +
                                                std::to_string(limits::functional_aliases_max) +
                                                " functional aliases in " + std::string(key) +
                                                ", got " + std::to_string(out.size()));
  }
}

struct ReadMember {
  GroupMember member;
  Position at;
};

ReadMember read_member(const Value& section, Problems& problems) {
  Fields fields(section, "[[member]]", problems);
  ReadMember read;
  GroupMember& member = read.member;
  read_identity(fields, "mc_service_id", true, member.mc_service_id);
  read.at = fields.at("mc_service_id");
  read_identity(fields, "mcvideo_id", false, member.mcvideo_id);
  read_identity(fields, "mcdata_id", false, member.mcdata_id);
  fields.unsigned_number("user_priority", member.user_priority, 255);
  std::uint8_t type = 0;
  if (fields.word("participant_type", participant_words, type)) {
    member.participant_type = static_cast<ParticipantType>(type);
  }
  for (const auto& item : member_flags) fields.boolean(item.key, member.*item.field);
  fields.finish();
  return read;
}

std::vector<GroupMember> read_members(Fields& root) {
  Problems& problems = root.problems();
  std::vector<ReadMember> read;
  const std::span<const Value> sections = root.tables("member");
  if (sections.size() > limits::group_members_max) {
    problems.error(root.at("member"), "expected at most " +
                                          std::to_string(limits::group_members_max) +
                                          " members, got " + std::to_string(sections.size()));
    return {};
  }
  for (const Value& section : sections) read.push_back(read_member(section, problems));
  std::ranges::stable_sort(
      read, {}, [](const ReadMember& r) -> const std::string& { return r.member.mc_service_id; });
  std::vector<GroupMember> members;
  for (std::size_t i = 0; i < read.size(); ++i) {
    const std::string& id = read[i].member.mc_service_id;
    if (i > 0 && !id.empty() && id == members.back().mc_service_id) {
      problems.error(read[i].at, "member " + id + " was named already in line " +
                                     std::to_string(read[i - 1].at.line));
    }
    members.push_back(std::move(read[i].member));
  }
  return members;
}

void read_configuration(const Value& root, Problems& problems, GroupConfiguration& group) {
  Fields fields(root, "the file", problems);
  read_identity(fields, "group_id", true, group.group_id);
  std::string system;
  if (fields.text("home_system", system)) {
    Result<std::string> canonical = canonical_system(system);
    if (canonical) {
      group.home_system = std::move(*canonical);
    } else {
      fields.wrong(*fields.find("home_system"), "home_system",
                   "an MC system ID such as \"sip:alpha.example\"");
    }
  }
  read_name(fields, "display_name", group.display_name);
  if (fields.has("alias")) {
    problems.error(fields.at("alias"),
                   "alias is what we call a partner's group: an overlay in the "
                   "configuration sets it, never the definition of a group");
  }
  constexpr std::string_view services_words = "at least one of \"mcptt\", \"mcvideo\", \"mcdata\"";
  if (!fields.has("services")) {
    fields.missing("services", services_words);
  } else if (fields.services("services", group.services) && group.services.empty()) {
    fields.wrong(*fields.find("services"), "services", services_words);
  }
  for (const auto& item : levels) fields.unsigned_number(item.key, group.*item.field, 65'535);
  for (const auto& item : state_flags) fields.boolean(item.key, group.*item.field);
  for (const auto& item : counts) fields.unsigned_number(item.key, group.*item.field, UINT32_MAX);
  for (const auto& item : priorities) fields.unsigned_number(item.key, group.*item.field, 255);
  for (const auto& item : durations) fields.duration(item.key, group.*item.field);
  for (const auto& item : areas) read_area(fields, item.key, group.*item.field);
  for (const auto& item : alias_lists) read_aliases(fields, item.key, group.*item.field);
  group.members = read_members(fields);
  fields.finish();
}

// ---- writing

class Writer {
 public:
  void line(std::string_view key, std::string_view value) {
    text_ += key;
    text_ += " = ";
    text_ += value;
    text_ += '\n';
  }
  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) line(key, in_quotes(value));
  }
  void flag(std::string_view key, bool value) {
    if (value) line(key, "true");
  }
  void number(std::string_view key, std::uint64_t value) {
    if (value != 0) line(key, std::to_string(value));
  }
  void list(std::string_view key, const std::vector<std::string>& values) {
    if (values.empty()) return;
    std::string joined;
    for (const std::string& value : values)
      joined += (joined.empty() ? "" : ", ") + in_quotes(value);
    line(key, '[' + joined + ']');
  }
  void raw(std::string_view value) { text_ += value; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void write_member(const GroupMember& member, Writer& out) {
  out.raw("\n[[member]]\n");
  out.text("mc_service_id", member.mc_service_id);
  out.text("mcvideo_id", member.mcvideo_id);
  out.text("mcdata_id", member.mcdata_id);
  out.number("user_priority", member.user_priority);
  if (member.participant_type != ParticipantType::unspecified) {
    out.text("participant_type",
             participant_words[static_cast<std::size_t>(member.participant_type)].word);
  }
  for (const auto& item : member_flags) out.flag(item.key, member.*item.field);
}

}  // namespace

GroupResult parse_group(std::string_view text, const std::string& file) {
  GroupResult result;
  Problems problems(file);
  if (const std::optional<Value> root = parse_toml(text, problems)) {
    read_configuration(*root, problems, result.configuration);
  }
  result.ok = !problems.has_errors();
  result.problems = problems.take();
  return result;
}

GroupResult read_group(const std::string& file) {
  const std::expected<std::string, std::string> text = read_text_file(file, file_bytes_max);
  if (text) return parse_group(*text, file);
  GroupResult result;
  result.problems.push_back({file, {}, Problem::Severity::error, text.error()});
  return result;
}

std::string write_group(const GroupConfiguration& group) {
  Writer out;
  out.text("group_id", group.group_id);
  out.text("home_system", group.home_system);
  out.text("display_name", group.display_name);
  if (!group.alias.empty()) out.raw("# alias = " + in_quotes(group.alias) + ", from our overlay\n");
  std::vector<std::string> services;
  for (const Service service : all_services) {
    if (group.services.has(service)) services.emplace_back(name(service));
  }
  out.list("services", services);
  for (const auto& item : levels) out.number(item.key, group.*item.field);
  for (const auto& item : state_flags) out.flag(item.key, group.*item.field);
  for (const auto& item : counts) out.number(item.key, group.*item.field);
  for (const auto& item : priorities) out.number(item.key, group.*item.field);
  for (const auto& item : durations) {
    if (group.*item.field != 0) out.line(item.key, in_quotes(write_duration(group.*item.field)));
  }
  for (const auto& item : areas) {
    if (group.*item.field) out.line(item.key, write_area(*(group.*item.field)));
  }
  for (const auto& item : alias_lists) out.list(item.key, group.*item.field);
  for (const GroupMember& member : group.members) write_member(member, out);
  return out.take();
}

}  // namespace bivouac::firmware
