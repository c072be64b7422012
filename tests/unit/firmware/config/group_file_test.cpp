// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/group_file.h"

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;
using namespace bivouac::firmware;

namespace {

std::string messages(const GroupResult& result) {
  std::string all;
  for (const Problem& problem : result.problems) all += to_string(problem) + '\n';
  return all;
}

const std::string minimal = "group_id = \"sip:fire@alpha.example\"\nservices = [\"mcptt\"]\n";

/// Every item away from its default.
GroupConfiguration full() {
  GroupConfiguration group;
  group.group_id = "sip:fire@alpha.example";
  group.home_system = "sip:alpha.example";
  group.display_name = "Fire \"1\" \\ ü";
  group.services = Services::of(Service::mcptt) | Services::of(Service::mcdata);
  group.level_within_group_hierarchy = 1;
  group.level_within_user_hierarchy = 65535;
  group.disabled = group.temporary = group.preconfigured_group_use_only = true;
  group.participants_max = 1;
  group.participants_to_start_min = 2;
  group.affiliated_members_min = 3;
  group.simultaneous_talkers_max = UINT32_MAX;
  group.group_priority = 255;
  group.mcvideo_group_priority = 2;
  group.mcdata_group_priority = 3;
  group.prearranged = true;
  group.hang_timer_ms = 1'500;
  group.maximum_duration_ms = 120'000;
  group.allow_emergency_call = group.allow_imminent_peril_call = group.allow_emergency_alert = true;
  group.emergency_cancellation_ms = 7'200'000;
  group.imminent_peril_cancellation_ms = 1;
  group.protect_media = group.protect_floor_control_signalling = true;
  group.mcvideo_protect_media = group.mcvideo_protect_transmission_control = true;
  group.mcdata_protect_payload = group.mcdata_protect_signalling = true;
  group.permitted_area = Area{{{1, 2}, {3, 4}, {5, 16'777'215}}, {}, 0, 0, 0, 0};
  group.mandatory_area = Area{{}, {7, 8}, 65'535, 127, 179, 1};
  group.forbidden_deaffiliation_functional_aliases = {"sip:chief@alpha.example", "tel:+49123"};
  group.forbidden_deaffiliation_if_last_functional_aliases = {"sip:last@alpha.example"};
  group.allow_getting_member_list = group.allow_getting_affiliation_list = true;
  group.allow_conference_state = true;
  group.members = {
      {"sip:ada@alpha.example", "sip:ada-v@alpha.example", "sip:ada-d@alpha.example", 9,
       ParticipantType::supervisor, true, true, true, true},
      {"tel:+491", "", "", 0, ParticipantType::unspecified, false, false, false, false}};
  return group;
}

}  // namespace

TEST_CASE("a group that is written and read back is the same group") {
  const GroupConfiguration group = full();
  const std::string text = write_group(group);
  INFO(text);
  const GroupResult result = parse_group(text, "fire.toml");
  CHECK(messages(result).empty());
  REQUIRE(result.ok);
  CHECK(result.configuration == group);
  CHECK(write_group(result.configuration) == text);
}

TEST_CASE("the example group that we hand out is read without a word") {
  const GroupResult result = read_group("firmware/config/example_group.toml");
  CHECK(messages(result).empty());
  REQUIRE(result.ok);
  CHECK(result.configuration.members.size() == 3);
  CHECK(result.configuration.hang_timer_ms == 30'000);
  CHECK(parse_group(write_group(result.configuration), "x").configuration == result.configuration);
}

TEST_CASE("absent items mean no, and the lowest") {
  const GroupResult result = parse_group(minimal, "fire.toml");
  REQUIRE(result.ok);
  GroupConfiguration expected;
  expected.group_id = "sip:fire@alpha.example";
  expected.services = Services::of(Service::mcptt);
  CHECK(result.configuration == expected);
}

TEST_CASE("a group needs an identity and at least one service") {
  const std::string text = messages(parse_group("display_name = \"x\"\n", "fire.toml"));
  CHECK(text.contains("lacks the key group_id"));
  CHECK(text.contains("lacks the key services"));
  CHECK(messages(parse_group("group_id = \"sip:f@a.example\"\nservices = []\n", "fire.toml"))
            .contains(":2:12: expected at least one of"));
}

TEST_CASE("members come out canonical and sorted") {
  const GroupResult result =
      parse_group(minimal +
                      "[[member]]\nmc_service_id = \"tel:+49-1\"\n"
                      "[[member]]\nmc_service_id = \"SIP:ada@ALPHA.example\"\n",
                  "fire.toml");
  REQUIRE(result.ok);
  CHECK(result.configuration.members[0].mc_service_id == "sip:ada@alpha.example");
  CHECK(result.configuration.members[1].mc_service_id == "tel:+491");
}

TEST_CASE("a member that is named twice is refused at its second place, however it is spelt") {
  const GroupResult result =
      parse_group(minimal +
                      "[[member]]\nmc_service_id = \"sip:ada@alpha.example\"\n"
                      "[[member]]\nmc_service_id = \"SIP:ada@ALPHA.example\"\n",
                  "fire.toml");
  CHECK(messages(result) ==
        "fire.toml:6:17: member sip:ada@alpha.example was named already in line 4\n");
}

TEST_CASE("misspelt items of a group and of a member are named with the nearest") {
  const std::string text = messages(
      parse_group(minimal + "hang_tmer = \"3s\"\n[[member]]\nmc_service_id = \"sip:a@b.example\"\n"
                            "user_prority = 3\n",
                  "fire.toml"));
  CHECK(text.contains(":3:1: unknown key hang_tmer in the file (did you mean hang_timer?)"));
  CHECK(
      text.contains(":6:1: unknown key user_prority in [[member]] (did you mean user_priority?)"));
}

TEST_CASE("durations have a unit") {
  CHECK(parse_group(minimal + "hang_timer = \"5min\"\n", "f").configuration.hang_timer_ms ==
        300'000);
  for (const char* bad : {"30", "\"30\"", "\"s\"", "\"-1s\"", "\"1000000h\"", "\"1 day\""}) {
    INFO(bad);
    CHECK(messages(parse_group(minimal + "hang_timer = " + bad + "\n", "f"))
              .contains("f:3:14: expected a"));
  }
}

TEST_CASE("an area is a polygon or an arc, within the coordinates of the schema") {
  for (const char* bad : {"{ corners = [[1, 2], [3, 4]] }", "{ corners = [[1, 2], [3, 4], [5]] }",
                          "{ corners = [[1, 2], [3, 4], [5, 16777216]] }", "{ centre = [1, -1] }",
                          "{}", "{ centre = [1, 1], corners = [[1, 2], [3, 4], [5, 6]] }",
                          "{ centre = [1, 1], radius = 3 }", "7"}) {
    INFO(bad);
    CHECK_FALSE(parse_group(minimal + "permitted_area = " + bad + "\n", "f").ok);
  }
}

TEST_CASE("an alias is shown, but never part of a definition") {
  GroupConfiguration group = full();
  group.alias = "Fire, city";
  const std::string text = write_group(group);
  CHECK(text.contains("# alias = \"Fire, city\", from our overlay\n"));
  CHECK(parse_group(text, "f").configuration == full());
  CHECK(messages(parse_group(minimal + "alias = \"x\"\n", "f"))
            .contains("f:3:9: alias is what we call"));
}

TEST_CASE("a home that is not an MC system ID is refused") {
  CHECK(messages(parse_group(minimal + "home_system = \"sip:ada@alpha.example\"\n", "f"))
            .contains("f:3:15: expected an MC system ID"));
}

TEST_CASE("a text with control characters is refused") {
  CHECK(messages(parse_group(minimal + "display_name = \"a\\u0007b\"\n", "f"))
            .contains("f:3:16: expected a text of at most"));
}
