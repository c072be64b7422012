// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/settings.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/base/nearest.h"
#include "host-sim/scenario/stored_group.h"
#include "host-sim/scenario/values.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {
namespace {

/// A key and how its value is read into, and written from, an owner.
template <class Owner>
struct Field {
  std::string_view key;
  bool (*read)(std::string_view text, Owner& owner);
  std::string (*write)(const Owner& owner);
  std::string_view (*form)(const Owner& owner);
};

template <class Owner, auto access>
constexpr Field<Owner> field(std::string_view key) {
  return {key, [](std::string_view text, Owner& owner) { return read_value(text, access(owner)); },
          [](const Owner& owner) { return write_value(access(owner)); },
          [](const Owner& owner) { return form_of(access(owner)); }};
}

// Members of members, for both const and changeable owners.
#define BIVOUAC_FIELD(owner, key, member) \
  field<owner, [](auto& one) -> auto& { return one.member; }>(key)

constexpr Field<engine::Configuration> system_fields[] = {
    BIVOUAC_FIELD(engine::Configuration, "services", services)};

constexpr Field<engine::Partner> partner_fields[] = {
    BIVOUAC_FIELD(engine::Partner, "users", users),
    BIVOUAC_FIELD(engine::Partner, "groups", groups),
    BIVOUAC_FIELD(engine::Partner, "provide", rights.provide),
    BIVOUAC_FIELD(engine::Partner, "request", rights.request),
    BIVOUAC_FIELD(engine::Partner, "receive", rights.receive),
    BIVOUAC_FIELD(engine::Partner, "forward", rights.forward),
    BIVOUAC_FIELD(engine::Partner, "speaks_for", speaks_for),
    BIVOUAC_FIELD(engine::Partner, "subscribe", rights.subscribe),
    BIVOUAC_FIELD(engine::Partner, "affiliate", rights.affiliate),
    BIVOUAC_FIELD(engine::Partner, "affiliate_by_profile", affiliate_by_profile),
    BIVOUAC_FIELD(engine::Partner, "pending_take_part", pending_take_part),
    BIVOUAC_FIELD(engine::Partner, "subscribe_to", subscribe_to),
    BIVOUAC_FIELD(engine::Partner, "lease_s", lease_s),
    BIVOUAC_FIELD(engine::Partner, "notify_interval_ms", notify_interval_ms),
    BIVOUAC_FIELD(engine::Partner, "hide_members_of_others", exposure.hide_members_of_others),
    BIVOUAC_FIELD(engine::Partner, "drop_services", exposure.drop_services)};

constexpr Field<engine::OverlayPolicy> overlay_fields[] = {
    BIVOUAC_FIELD(engine::OverlayPolicy, "group_priority", group_priority),
    BIVOUAC_FIELD(engine::OverlayPolicy, "alias", alias),
    BIVOUAC_FIELD(engine::OverlayPolicy, "drop_services", drop_services),
    BIVOUAC_FIELD(engine::OverlayPolicy, "permitted_area", permitted_area)};

constexpr Field<PathConditions> path_fields[] = {
    BIVOUAC_FIELD(PathConditions, "delay", delay), BIVOUAC_FIELD(PathConditions, "jitter", jitter),
    BIVOUAC_FIELD(PathConditions, "bytes_per_second", bytes_per_second)};

constexpr Field<DiskConditions> disk_fields[] = {
    BIVOUAC_FIELD(DiskConditions, "sync_min", sync_min),
    BIVOUAC_FIELD(DiskConditions, "sync_max", sync_max)};

constexpr Field<UserProfile> user_fields[] = {
    BIVOUAC_FIELD(UserProfile, "services", services),
    BIVOUAC_FIELD(UserProfile, "affiliations_max", affiliations_max),
    BIVOUAC_FIELD(UserProfile, "request_affiliated_groups", request_affiliated_groups),
    BIVOUAC_FIELD(UserProfile, "change_mandatory", change_mandatory),
    BIVOUAC_FIELD(UserProfile, "change_negotiated", change_negotiated),
    BIVOUAC_FIELD(UserProfile, "regroup", regroup)};

constexpr Field<KeySettings> key_fields[] = {BIVOUAC_FIELD(KeySettings, "gmk", gmk),
                                             BIVOUAC_FIELD(KeySettings, "bytes", bytes),
                                             BIVOUAC_FIELD(KeySettings, "expires", expires)};

constexpr Field<KeyChoice> choice_fields[] = {BIVOUAC_FIELD(KeyChoice, "gmk", gmk),
                                              BIVOUAC_FIELD(KeyChoice, "users", users)};

constexpr Field<KeysExpected> keys_expected_fields[] = {
    BIVOUAC_FIELD(KeysExpected, "envelopes", envelopes),
    BIVOUAC_FIELD(KeysExpected, "recipients", recipients),
    BIVOUAC_FIELD(KeysExpected, "lost", lost)};

constexpr Field<AffiliationExpected> affiliation_expected_fields[] = {
    BIVOUAC_FIELD(AffiliationExpected, "status", status),
    BIVOUAC_FIELD(AffiliationExpected, "clients", clients),
    BIVOUAC_FIELD(AffiliationExpected, "told", told),
    BIVOUAC_FIELD(AffiliationExpected, "services", services)};

#define BIVOUAC_GROUP(name) BIVOUAC_FIELD(GroupConfiguration, #name, name)
constexpr Field<GroupConfiguration> group_fields[] = {
    BIVOUAC_GROUP(display_name),
    BIVOUAC_GROUP(alias),
    BIVOUAC_GROUP(services),
    BIVOUAC_GROUP(level_within_group_hierarchy),
    BIVOUAC_GROUP(level_within_user_hierarchy),
    BIVOUAC_GROUP(disabled),
    BIVOUAC_GROUP(temporary),
    BIVOUAC_GROUP(preconfigured_group_use_only),
    BIVOUAC_GROUP(participants_max),
    BIVOUAC_GROUP(participants_to_start_min),
    BIVOUAC_GROUP(affiliated_members_min),
    BIVOUAC_GROUP(simultaneous_talkers_max),
    BIVOUAC_GROUP(group_priority),
    BIVOUAC_GROUP(mcvideo_group_priority),
    BIVOUAC_GROUP(mcdata_group_priority),
    BIVOUAC_GROUP(prearranged),
    BIVOUAC_GROUP(hang_timer_ms),
    BIVOUAC_GROUP(maximum_duration_ms),
    BIVOUAC_GROUP(allow_emergency_call),
    BIVOUAC_GROUP(allow_imminent_peril_call),
    BIVOUAC_GROUP(allow_emergency_alert),
    BIVOUAC_GROUP(emergency_cancellation_ms),
    BIVOUAC_GROUP(imminent_peril_cancellation_ms),
    BIVOUAC_GROUP(protect_media),
    BIVOUAC_GROUP(protect_floor_control_signalling),
    BIVOUAC_GROUP(mcvideo_protect_media),
    BIVOUAC_GROUP(mcvideo_protect_transmission_control),
    BIVOUAC_GROUP(mcdata_protect_payload),
    BIVOUAC_GROUP(mcdata_protect_signalling),
    BIVOUAC_GROUP(permitted_area),
    BIVOUAC_GROUP(mandatory_area),
    BIVOUAC_GROUP(forbidden_deaffiliation_functional_aliases),
    BIVOUAC_GROUP(forbidden_deaffiliation_if_last_functional_aliases),
    BIVOUAC_GROUP(allow_getting_member_list),
    BIVOUAC_GROUP(allow_getting_affiliation_list),
    BIVOUAC_GROUP(allow_conference_state),
    BIVOUAC_GROUP(members)};
#undef BIVOUAC_GROUP
#undef BIVOUAC_FIELD

std::string unknown(std::string_view key, std::span<const std::string_view> known) {
  return "unknown key " + std::string(key) + did_you_mean(key, known);
}

std::string wrong(const Setting& setting, std::string_view form) {
  return setting.key + ": expected " + std::string(form) + ", found " + in_quotes(setting.value);
}

template <class Owner, std::size_t count>
std::string apply_field(const Field<Owner> (&fields)[count], const Setting& setting, Owner& owner) {
  const auto* found = std::ranges::find(fields, setting.key, &Field<Owner>::key);
  if (found == std::end(fields)) {
    std::vector<std::string_view> known;
    for (const auto& one : fields) known.push_back(one.key);
    return unknown(setting.key, known);
  }
  return found->read(setting.value, owner) ? "" : wrong(setting, found->form(owner));
}

}  // namespace

std::string apply(const Setting& setting, engine::Configuration& system) {
  return apply_field(system_fields, setting, system);
}
std::string apply(const Setting& setting, engine::Partner& partner) {
  return apply_field(partner_fields, setting, partner);
}
std::string apply(const Setting& setting, PathConditions& path) {
  return apply_field(path_fields, setting, path);
}
std::string apply(const Setting& setting, DiskConditions& disk) {
  return apply_field(disk_fields, setting, disk);
}
std::string apply(const Setting& setting, KeySettings& keys) {
  return apply_field(key_fields, setting, keys);
}
std::string apply(const Setting& setting, KeyChoice& choice) {
  return apply_field(choice_fields, setting, choice);
}
std::string apply(const Setting& setting, KeysExpected& expected) {
  return apply_field(keys_expected_fields, setting, expected);
}
std::string apply(const Setting& setting, AffiliationExpected& expected) {
  return apply_field(affiliation_expected_fields, setting, expected);
}
std::string apply(const Setting& setting, GroupConfiguration& group) {
  return apply_field(group_fields, setting, group);
}

std::string apply(const Setting& setting, UserProfile& profile) {
  const bool implicit = setting.key == "implicit_affiliations";
  if (!implicit && setting.key != "groups") return apply_field(user_fields, setting, profile);
  std::vector<std::string> groups;
  for (const std::string& name : split_list(setting.value)) {
    groups.push_back(full_identity(name));
    if (!is_canonical_identity(groups.back())) return wrong(setting, "groups such as fire-1@alpha");
  }
  std::ranges::sort(groups);
  if (implicit) {
    profile.implicit_affiliations = std::move(groups);
    return {};
  }
  profile.groups.clear();
  for (std::string& group : groups) profile.groups.push_back({std::move(group), {}});
  return {};
}

std::string apply(const Setting& setting, engine::OverlayPolicy& overlay) {
  if (setting.key != "groups") return apply_field(overlay_fields, setting, overlay);
  std::vector<std::string> patterns;
  if (!read_value(setting.value, patterns) || patterns.size() != 1) {
    return wrong(setting, "one pattern such as fire-*@alpha");
  }
  overlay.groups = patterns[0];
  return {};
}

std::string item_of(const GroupConfiguration& group, std::string_view key) {
  const auto* found = std::ranges::find(group_fields, key, &Field<GroupConfiguration>::key);
  return found == std::end(group_fields) ? "" : found->write(group);
}

std::string in_words(const GroupAffiliation& told) {
  if (told.status == AffiliationStatus::rejected) return std::string(name(told.cause));
  const std::string status(name(told.status));
  return told.cause == Cause::none ? status : status + "/" + std::string(name(told.cause));
}

std::string check_told(const Setting& setting) {
  if (!is_canonical_identity(full_identity(setting.key)))
    return "expected a group such as fire-1@alpha, found " + setting.key;
  const std::size_t slash = setting.value.find('/');
  const std::string status = setting.value.substr(0, slash);
  const std::string cause = slash == std::string::npos ? status : setting.value.substr(slash + 1);
  AffiliationStatus scratch{};
  const bool is_status = read_value(status, scratch) && scratch != AffiliationStatus::rejected;
  if (is_status && slash == std::string::npos) return {};
  std::vector<std::string_view> causes;
  for (std::uint16_t number = 1; number < 256; ++number) {
    if (is_known(Cause{number})) causes.push_back(name(Cause{number}));
  }
  const bool is_cause = std::ranges::find(causes, cause) != causes.end();
  if (is_cause && (is_status || slash == std::string::npos)) return {};
  return wrong(setting, "a status, or a cause") + did_you_mean(cause, causes);
}

std::string check_expected(const Setting& setting) {
  if (is_record_fact(setting.key)) return {};
  if (setting.key == "members" && read_number(setting.value)) return {};
  GroupConfiguration scratch;
  std::string problem = apply(setting, scratch);
  if (!problem.starts_with("unknown")) return problem;
  std::vector<std::string_view> known(record_facts().begin(), record_facts().end());
  for (const auto& one : group_fields) known.push_back(one.key);
  return unknown(setting.key, known);
}

}  // namespace bivouac::sim
