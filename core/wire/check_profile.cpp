// SPDX-License-Identifier: Apache-2.0
#include "core/wire/check.h"

namespace bivouac::wire {
namespace {

using flatbuffers::uoffset_t;

/// Groups ascend, which makes them a set and lets readers search it.
bool check_groups(Check& check, const fb::UserProfile& profile, const ProfileRules& rules) {
  const auto* groups = profile.groups();
  if (!check.vector(groups, limits::profile_groups_max, Cause::too_many_elements)) return false;
  std::string_view previous;
  for (std::size_t i = 0; i < size_of(groups); ++i) {
    const fb::ProfileGroup& group = *groups->Get(static_cast<uoffset_t>(i));
    if (!check.identity(group.group_id()) ||
        !(rules.servers_required ? check.system(group.server())
                                 : check.optional_system(group.server())) ||
        !check.in_range(group.group_id()->string_view() > previous)) {
      return false;
    }
    previous = group.group_id()->string_view();
  }
  return true;
}

/// They ascend as the groups do, so that one walk finds each among them.
bool check_implicit(Check& check, const fb::UserProfile& profile) {
  const auto* implicit = profile.implicit_affiliations();
  if (!check.vector(implicit, limits::profile_groups_max, Cause::too_many_elements)) return false;
  std::size_t at = 0;
  for (std::size_t i = 0; i < size_of(implicit); ++i) {
    const std::string_view wanted = implicit->Get(static_cast<uoffset_t>(i))->string_view();
    const auto is_wanted = [&] {
      const auto* group = profile.groups()->Get(static_cast<uoffset_t>(at));
      return group->group_id()->string_view() == wanted;
    };
    while (at < size_of(profile.groups()) && !is_wanted()) ++at;
    if (!check.in_range(at < size_of(profile.groups()))) return false;
    ++at;
  }
  return true;
}

}  // namespace

bool check_profile(Check& check, const fb::UserProfile& profile, const ProfileRules& rules) {
  return check.identity(profile.mc_service_id()) &&
         check.that(profile.services() != fb::Services::NONE, Cause::field_missing) &&
         check.in_range(known_bits(profile.services()) && known_bits(profile.rights())) &&
         check_groups(check, profile, rules) && check_implicit(check, profile);
}

}  // namespace bivouac::wire
