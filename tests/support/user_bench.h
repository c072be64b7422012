// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/support/configurations.h"
#include "tests/support/test_client.h"
#include "tests/support/user_profiles.h"

namespace bivouac::test {

inline const std::string ben = "sip:ben@bravo.example";
inline const std::string group_id = "sip:fire-1@alpha.example";

inline GroupConfiguration group_with(const std::vector<std::string>& members,
                                     std::uint8_t priority = 5) {
  GroupConfiguration group = sample_configuration(3, group_id);
  group.group_priority = priority;
  for (const std::string& member : members) {
    GroupMember added;
    added.mc_service_id = member;
    group.members.push_back(added);
  }
  sort_members(group);
  return group;
}

/// Alpha, home of the group; bravo, which serves ben, who is a member.
struct UserBench {
  McSystems world;
  McSystem& alpha;
  McSystem& bravo;
  explicit UserBench(engine::Configuration a = alpha_configuration(),
                     engine::Configuration b = bravo_configuration())
      : alpha(world.add(std::move(a))), bravo(world.add(std::move(b))) {
    alpha.start();
    bravo.start();
    world.pass(DurationMs{2000});
    bravo.import_user(sample_profile(ben, group_id));
    alpha.import(group_with({ben}));
    world.pass(DurationMs{100});
  }
};

/// A group of bravo's own with these members.
inline GroupConfiguration own_group(const std::string& id,
                                    const std::vector<std::string>& members) {
  GroupConfiguration group;
  group.group_id = id;
  group.home_system = "sip:bravo.example";
  group.services = Services::all();
  for (const std::string& member : members) {
    GroupMember added;
    added.mc_service_id = member;
    group.members.push_back(added);
  }
  sort_members(group);
  return group;
}

inline engine::Configuration alpha_that_does_not_push() {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.receive.clear();
  return a;
}

}  // namespace bivouac::test
