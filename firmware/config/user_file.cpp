// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/user_file.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/base/limits.h"
#include "firmware/config/fields.h"
#include "firmware/config/file.h"
#include "firmware/config/quotes.h"
#include "firmware/config/value.h"

namespace bivouac::firmware {
namespace {

constexpr std::size_t file_bytes_max = 256 * 1024;

// The reader and the writer walk the same table, so neither can forget a right.
struct Right {
  std::string_view key;
  bool UserProfile::* field;
};

constexpr Right rights[] = {
    {"request_affiliated_groups", &UserProfile::request_affiliated_groups},
    {"change_mandatory", &UserProfile::change_mandatory},
    {"change_negotiated", &UserProfile::change_negotiated},
    {"regroup", &UserProfile::regroup},
};

// ---- reading

void read_identity(Fields& fields, std::string_view key, std::string_view expected,
                   std::string& out) {
  std::string text;
  if (!fields.text(key, text)) {
    if (!fields.has(key)) fields.missing(key, expected);
    return;
  }
  Result<std::string> identity = canonical_identity(text);
  if (identity) {
    out = std::move(*identity);
  } else {
    fields.wrong(*fields.find(key), key, expected);
  }
}

struct ReadGroup {
  ProfileGroup group;
  bool implicit = false;
  Position at;
};

ReadGroup read_group(const Value& section, Problems& problems) {
  Fields fields(section, "[[group]]", problems);
  ReadGroup read;
  read_identity(fields, "group_id", "a group such as \"sip:fire-1@alpha.example\"",
                read.group.group_id);
  read.at = fields.at("group_id");
  std::string server;
  if (fields.text("server", server)) {
    Result<std::string> canonical = canonical_system(server);
    if (canonical) {
      read.group.server = std::move(*canonical);
    } else {
      fields.wrong(*fields.find("server"), "server",
                   "an MC system ID such as \"sip:bravo.example\"");
    }
  }
  fields.boolean("implicit_affiliation", read.implicit);
  fields.finish();
  return read;
}

void read_groups(Fields& root, UserProfile& profile) {
  Problems& problems = root.problems();
  const std::span<const Value> sections = root.tables("group");
  if (sections.size() > limits::profile_groups_max) {
    problems.error(root.at("group"), "expected at most " +
                                         std::to_string(limits::profile_groups_max) +
                                         " groups, got " + std::to_string(sections.size()));
    return;
  }
  std::vector<ReadGroup> read;
  for (const Value& section : sections) read.push_back(read_group(section, problems));
  std::ranges::stable_sort(
      read, {}, [](const ReadGroup& r) -> const std::string& { return r.group.group_id; });
  for (std::size_t i = 0; i < read.size(); ++i) {
    const std::string& id = read[i].group.group_id;
    if (i > 0 && !id.empty() && id == read[i - 1].group.group_id) {
      problems.error(read[i].at, "group " + id + " was named already in line " +
                                     std::to_string(read[i - 1].at.line));
    }
    profile.groups.push_back(read[i].group);
    if (read[i].implicit) profile.implicit_affiliations.push_back(id);
  }
}

void read_profile(const Value& root, Problems& problems, UserProfile& profile) {
  Fields fields(root, "the file", problems);
  read_identity(fields, "mc_service_id",
                "an identity such as \"sip:ben@bravo.example\" or \"tel:+49123\"",
                profile.mc_service_id);
  constexpr std::string_view services_words = "at least one of \"mcptt\", \"mcvideo\", \"mcdata\"";
  if (!fields.has("services")) {
    fields.missing("services", services_words);
  } else if (fields.services("services", profile.services) && profile.services.empty()) {
    fields.wrong(*fields.find("services"), "services", services_words);
  }
  fields.unsigned_number("affiliations_max", profile.affiliations_max, UINT32_MAX);
  for (const Right& right : rights) fields.boolean(right.key, profile.*right.field);
  read_groups(fields, profile);
  fields.finish();
}

}  // namespace

UserResult parse_user(std::string_view text, const std::string& file) {
  UserResult result;
  Problems problems(file);
  if (const std::optional<Value> root = parse_toml(text, problems)) {
    read_profile(*root, problems, result.profile);
  }
  result.ok = !problems.has_errors();
  result.problems = problems.take();
  return result;
}

UserResult read_user(const std::string& file) {
  const std::expected<std::string, std::string> text = read_text_file(file, file_bytes_max);
  if (text) return parse_user(*text, file);
  UserResult result;
  result.problems.push_back({file, {}, Problem::Severity::error, text.error()});
  return result;
}

std::string write_user(const UserProfile& profile) {
  std::string services;
  for (const Service service : all_services) {
    if (profile.services.has(service))
      services += (services.empty() ? "" : ", ") + in_quotes(name(service));
  }
  std::string text = "mc_service_id = " + in_quotes(profile.mc_service_id) + '\n';
  text += "services = [" + services + "]\n";
  if (profile.affiliations_max != 0)
    text += "affiliations_max = " + std::to_string(profile.affiliations_max) + '\n';
  for (const Right& right : rights) {
    if (profile.*right.field) text += std::string(right.key) + " = true\n";
  }
  for (const ProfileGroup& group : profile.groups) {
    text += "\n[[group]]\ngroup_id = " + in_quotes(group.group_id) + '\n';
    if (!group.server.empty()) text += "server = " + in_quotes(group.server) + '\n';
    if (std::ranges::binary_search(profile.implicit_affiliations, group.group_id))
      text += "implicit_affiliation = true\n";
  }
  return text;
}

}  // namespace bivouac::firmware
