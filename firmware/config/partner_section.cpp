// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/partner_section.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/base/limits.h"
#include "core/base/nearest.h"
#include "firmware/config/area.h"
#include "firmware/config/pattern.h"
#include "firmware/config/quotes.h"
#include "firmware/config/settings.h"

namespace bivouac::firmware {
namespace {

/// A partner with the places that later checks want to point at.
struct Read {
  engine::Partner partner;
  Position at;
  Position via_at;
  std::vector<Position> users_at;
  std::vector<Position> groups_at;
};

void read_patterns(Fields& fields, std::string_view key, std::vector<std::string>& out,
                   std::vector<Position>& out_at) {
  std::vector<std::string> texts;
  std::vector<Position> positions;
  fields.texts(key, texts, positions);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::optional<std::string> pattern = canonical_pattern(texts[i]);
    if (!pattern) {
      fields.problems().error(positions[i],
                              "expected a pattern with at most one * for " + std::string(key) +
                                  ", such as \"sip:*@alpha.example\" or \"tel:+49*\", got " +
                                  in_quotes(texts[i]));
      continue;
    }
    out.push_back(std::move(*pattern));
    out_at.push_back(positions[i]);
  }
  if (out.size() > limits::patterns_max) {
    fields.problems().error(fields.at(key), "expected at most " +
                                                std::to_string(limits::patterns_max) +
                                                " patterns for " + std::string(key) + ", got " +
                                                std::to_string(out.size()));
  }
}

void read_system_patterns(Fields& fields, std::string_view key, std::vector<std::string>& out) {
  std::vector<std::string> texts;
  std::vector<Position> positions;
  fields.texts(key, texts, positions);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (auto pattern = canonical_system_pattern(texts[i])) {
      out.push_back(*std::move(pattern));
      continue;
    }
    fields.problems().error(
        positions[i],
        "expected a pattern of MC systems with at most one * for " + std::string(key) +
            ", such as \"sip:bravo.example\" or \"sip:*.example\", got " + in_quotes(texts[i]));
  }
  if (out.size() > limits::patterns_max) {
    fields.problems().error(fields.at(key), "expected at most " +
                                                std::to_string(limits::patterns_max) +
                                                " patterns for " + std::string(key) + ", got " +
                                                std::to_string(out.size()));
  }
}

void read_addresses(Fields& fields, std::vector<std::string>& out) {
  std::vector<Position> positions;
  fields.texts("addresses", out, positions);
  for (std::size_t i = 0; i < out.size() && i < positions.size(); ++i) {
    const auto split = split_address(out[i]);
    if (!split) fields.problems().error(positions[i], split.error());
  }
  if (out.size() > limits::addresses_per_partner_max) {
    fields.problems().error(fields.at("addresses"),
                            "expected at most " +
                                std::to_string(limits::addresses_per_partner_max) +
                                " addresses, got " + std::to_string(out.size()));
  }
}

engine::OverlayPolicy read_overlay(Fields& fields) {
  engine::OverlayPolicy overlay;
  std::string groups;
  if (fields.text("groups", groups)) {
    const std::optional<std::string> pattern = canonical_pattern(groups);
    if (pattern) {
      overlay.groups = *pattern;
    } else {
      fields.wrong(*fields.find("groups"), "groups",
                   "a pattern such as \"sip:fire-*@alpha.example\"");
    }
  } else if (!fields.has("groups")) {
    fields.missing("groups", "a pattern of the groups that it changes");
  }
  std::uint8_t priority = 0;
  if (fields.unsigned_number("group_priority", priority, 255)) overlay.group_priority = priority;
  std::string alias;
  if (fields.text("alias", alias)) {
    if (!is_clean_text(alias) || alias.size() > limits::display_name_bytes_max) {
      fields.wrong(*fields.find("alias"), "alias",
                   "a text of at most " + std::to_string(limits::display_name_bytes_max) +
                       " bytes without control characters");
    }
    overlay.alias = alias;
  }
  fields.services("drop_services", overlay.drop_services);
  read_area(fields, "permitted_area", overlay.permitted_area);
  return overlay;
}

void read_rights(Fields& partner_fields, engine::Rights& rights) {
  const Value* section = partner_fields.table("rights");
  if (section == nullptr) return;
  Fields fields(*section, "[partner.rights]", partner_fields.problems());
  std::vector<Position> unused;
  read_patterns(fields, "provide", rights.provide, unused);
  read_patterns(fields, "request", rights.request, unused);
  read_patterns(fields, "receive", rights.receive, unused);
  read_system_patterns(fields, "forward", rights.forward);
  read_patterns(fields, "subscribe", rights.subscribe, unused);
  read_patterns(fields, "affiliate", rights.affiliate, unused);
  fields.finish();
}

void read_subscriptions(Fields& fields, engine::Partner& partner) {
  std::vector<Position> unused;
  read_patterns(fields, "subscribe_to", partner.subscribe_to, unused);
  constexpr std::uint32_t ms_per_s = 1'000;
  std::uint32_t lease_ms = partner.lease_s * ms_per_s;
  if (fields.duration("lease", lease_ms)) {
    partner.lease_s = lease_ms / ms_per_s;
    if (partner.lease_s < limits::lease_min_s || partner.lease_s > limits::lease_max_s)
      fields.wrong(*fields.find("lease"), "lease", "a time from \"60s\" to \"168h\"");
  }
  if (fields.duration("notify_interval", partner.notify_interval_ms) &&
      partner.notify_interval_ms > limits::notify_interval_max_ms) {
    fields.wrong(*fields.find("notify_interval"), "notify_interval", "a time up to \"1h\"");
  }
}

void read_exposure(Fields& partner_fields, engine::ExposurePolicy& exposure) {
  const Value* section = partner_fields.table("exposure");
  if (section == nullptr) return;
  Fields fields(*section, "[partner.exposure]", partner_fields.problems());
  fields.boolean("hide_members_of_others", exposure.hide_members_of_others);
  fields.services("drop_services", exposure.drop_services);
  fields.finish();
}

Read read_partner(const Value& section, Problems& problems) {
  Fields fields(section, "[[partner]]", problems);
  Read read;
  read.partner.system_id = read_system_id(fields, "system_id");
  read.at = fields.at("system_id");
  read_addresses(fields, read.partner.addresses);
  if (fields.has("via")) {
    read.partner.via = read_system_id(fields, "via");
    read.via_at = fields.at("via");
  }
  read_system_patterns(fields, "speaks_for", read.partner.speaks_for);
  read_patterns(fields, "users", read.partner.users, read.users_at);
  read_patterns(fields, "groups", read.partner.groups, read.groups_at);
  read_subscriptions(fields, read.partner);
  fields.boolean("affiliate_by_profile", read.partner.affiliate_by_profile);
  std::vector<Position> unused;
  read_patterns(fields, "pending_take_part", read.partner.pending_take_part, unused);
  read_rights(fields, read.partner.rights);
  read_exposure(fields, read.partner.exposure);
  for (const Value& overlay : fields.tables("overlay")) {
    Fields overlay_fields(overlay, "[[partner.overlay]]", problems);
    read.partner.overlays.push_back(read_overlay(overlay_fields));
    overlay_fields.finish();
  }
  fields.finish();
  if (!read.partner.rights.provide.empty() && read.partner.groups.empty()) {
    problems.warning(read.at, read.partner.system_id +
                                  " may provide groups, but groups names none whose home it is: "
                                  "nothing that it provides will be taken");
  }
  return read;
}

/// [[overlay]] with `partner`: the same as [[partner.overlay]], for who keeps them apart.
void read_separate_overlays(Fields& root, std::vector<Read>& partners) {
  std::vector<std::string_view> names;
  for (const Read& read : partners) names.push_back(read.partner.system_id);
  for (const Value& section : root.tables("overlay")) {
    Fields fields(section, "[[overlay]]", root.problems());
    const std::string name = read_system_id(fields, "partner");
    engine::OverlayPolicy overlay = read_overlay(fields);
    fields.finish();
    if (name.empty()) continue;
    const auto found = std::ranges::find(names, std::string_view(name));
    if (found == names.end()) {
      root.problems().error(fields.at("partner"), "unknown partner " + in_quotes(name) +
                                                      ": expected the system_id of a [[partner]]" +
                                                      did_you_mean(name, names));
      continue;
    }
    partners[static_cast<std::size_t>(found - names.begin())].partner.overlays.push_back(
        std::move(overlay));
  }
}

void check_names(const std::vector<Read>& partners, const std::string& own_system,
                 Problems& problems) {
  for (std::size_t i = 0; i < partners.size(); ++i) {
    const std::string& name = partners[i].partner.system_id;
    if (name.empty()) continue;
    if (name == own_system) {
      problems.error(partners[i].at, "expected another MC system as partner, got our own: " + name);
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (partners[j].partner.system_id != name) continue;
      problems.error(partners[i].at, "partner " + name + " was described already in line " +
                                         std::to_string(partners[j].at.line));
      break;
    }
  }
}

/// What is reached through a proxy has no link of its own, and what it says comes from the proxy.
void check_way(const Read& read, const std::vector<Read>& partners, Problems& problems) {
  const engine::Partner& partner = read.partner;
  if (partner.via.empty()) return;
  const auto wrong = [&](const std::string& text) { problems.error(read.via_at, text); };
  if (!partner.addresses.empty()) {
    wrong("expected either addresses or via, got both: " + partner.system_id +
          " is dialled, or reached through " + partner.via);
  }
  if (!partner.speaks_for.empty() || !partner.rights.forward.empty()) {
    wrong("speaks_for and forward belong to the proxy, " + partner.via + ", not to " +
          partner.system_id + " behind it");
  }
  std::vector<std::string_view> neighbours;
  for (const Read& other : partners) {
    if (other.partner.via.empty()) neighbours.push_back(other.partner.system_id);
  }
  const auto proxy = std::ranges::find(partners, partner.via,
                                       [](const Read& other) { return other.partner.system_id; });
  if (proxy == partners.end()) {
    wrong("unknown partner " + in_quotes(partner.via) +
          ": expected the system_id of a [[partner]]" + did_you_mean(partner.via, neighbours));
  } else if (!proxy->partner.via.empty()) {
    wrong("expected a partner with a link of its own, but " + partner.via + " is reached via " +
          proxy->partner.via + ": name that one");
  } else if (!matches_any(proxy->partner.speaks_for, partner.system_id)) {
    wrong(partner.via + " may not speak for " + partner.system_id +
          ": add it to speaks_for of that partner");
  }
}

/// Two homes for one identity: the first partner by name wins, which is seldom what was meant.
void warn_of_overlap(const Read& a, const Read& b, Problems& problems) {
  const auto compare = [&](const std::vector<std::string>& ours, const std::vector<Position>& at,
                           const std::vector<std::string>& theirs, std::string_view what) {
    for (std::size_t i = 0; i < ours.size(); ++i) {
      for (const std::string& other : theirs) {
        if (!overlap(ours[i], other)) continue;
        problems.warning(at[i], "the home of a " + std::string(what) + " is not clear: " +
                                    in_quotes(ours[i]) + " of " + a.partner.system_id + " and " +
                                    in_quotes(other) + " of " + b.partner.system_id + " overlap");
      }
    }
  };
  compare(a.partner.users, a.users_at, b.partner.users, "user");
  compare(a.partner.groups, a.groups_at, b.partner.groups, "group");
}

}  // namespace

std::string read_system_id(Fields& fields, std::string_view key) {
  constexpr std::string_view expected = "an MC system ID such as \"sip:alpha.example\"";
  std::string text;
  if (!fields.text(key, text)) {
    if (!fields.has(key)) fields.missing(key, expected);
    return {};
  }
  Result<std::string> system = canonical_system(text);
  if (!system) {
    fields.wrong(*fields.find(key), key, expected);
    return {};
  }
  return std::move(*system);
}

std::vector<engine::Partner> read_partners(Fields& root, const std::string& own_system) {
  Problems& problems = root.problems();
  std::vector<Read> read;
  for (const Value& section : root.tables("partner"))
    read.push_back(read_partner(section, problems));
  if (read.size() > limits::partners_max) {
    problems.error(root.at("partner"), "expected at most " + std::to_string(limits::partners_max) +
                                           " partners, got " + std::to_string(read.size()));
  }
  check_names(read, own_system, problems);
  for (const Read& one : read) check_way(one, read, problems);
  read_separate_overlays(root, read);
  for (std::size_t i = 0; i < read.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) warn_of_overlap(read[i], read[j], problems);
  }
  std::vector<engine::Partner> partners;
  for (Read& one : read) partners.push_back(std::move(one.partner));
  std::ranges::sort(partners, {}, &engine::Partner::system_id);
  return partners;
}

}  // namespace bivouac::firmware
