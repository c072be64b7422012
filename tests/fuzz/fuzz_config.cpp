// SPDX-License-Identifier: Apache-2.0
// Any text as gateway.toml and as a group file: what is refused says where and why, what is
// accepted is valid in the core's eyes, and a group survives being written and read again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/assert.h"
#include "core/base/identity.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/user_profile_codec.h"
#include "firmware/config/group_file.h"
#include "firmware/config/settings.h"
#include "firmware/config/user_file.h"

using namespace bivouac;
using namespace bivouac::firmware;

namespace {

bool has_errors(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) {
    BIVOUAC_ASSERT(!problem.text.empty());
    if (problem.severity == Problem::Severity::error) return true;
  }
  return false;
}

void read_as_settings(std::string_view text) {
  const SettingsResult result = parse_settings(text, "gateway.toml", FileChecks::no);
  BIVOUAC_ASSERT(result.ok != has_errors(result.problems));
  if (!result.ok) return;
  const engine::Configuration& core = result.settings.core;
  BIVOUAC_ASSERT(is_canonical_system(core.system_id));
  for (const engine::Partner& partner : core.partners) {
    BIVOUAC_ASSERT(is_canonical_system(partner.system_id));
    BIVOUAC_ASSERT(core.partner(partner.system_id) == &partner);  // sorted, no duplicates
    BIVOUAC_ASSERT(partner.system_id != core.system_id);
  }
}

void read_as_group(std::string_view text) {
  GroupResult result = parse_group(text, "group.toml");
  BIVOUAC_ASSERT(result.ok != has_errors(result.problems));
  if (!result.ok) return;
  const GroupResult again = parse_group(write_group(result.configuration), "again.toml");
  BIVOUAC_ASSERT(again.ok && again.configuration == result.configuration);
  result.configuration.home_system = "sip:alpha.example";  // as the daemon does
  BIVOUAC_ASSERT(wire::validate(result.configuration) == Cause::none);
}

void read_as_user(std::string_view text) {
  UserResult result = parse_user(text, "user.toml");
  BIVOUAC_ASSERT(result.ok != has_errors(result.problems));
  if (!result.ok) return;
  const UserResult again = parse_user(write_user(result.profile), "again.toml");
  BIVOUAC_ASSERT(again.ok && again.profile == result.profile);
  for (ProfileGroup& group : result.profile.groups) {
    if (group.server.empty()) group.server = "sip:bravo.example";  // as the daemon does
  }
  BIVOUAC_ASSERT(wire::validate(result.profile) == Cause::none);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_as_settings(text);
  read_as_group(text);
  read_as_user(text);
  return 0;
}
