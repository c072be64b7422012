// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/user_file.h"

#include <catch2/catch_test_macros.hpp>

#include "core/base/limits.h"
#include "tests/support/user_profiles.h"

using namespace bivouac;
using namespace bivouac::firmware;

namespace {

std::string messages(std::string_view text) {
  std::string all;
  for (const Problem& problem : parse_user(text, "ben.toml").problems)
    all += to_string(problem) + '\n';
  return all;
}

const std::string minimal = "mc_service_id = \"sip:ben@bravo.example\"\nservices = [\"mcptt\"]\n";

}  // namespace

TEST_CASE("a profile that is written and read back is the same profile") {
  for (const UserProfile& profile : {test::sample_profile(), test::full_profile()}) {
    const UserResult again = parse_user(write_user(profile), "again.toml");
    REQUIRE(again.ok);
    CHECK(again.profile == profile);
  }
}

TEST_CASE("the example of a profile is one") {
  const UserResult result = read_user("firmware/config/example_user.toml");
  REQUIRE(result.ok);
  CHECK(result.problems.empty());
  CHECK(result.profile.groups.size() == 2);
  CHECK(result.profile.implicit_affiliations.size() == 1);
  CHECK(result.profile.regroup);
}

TEST_CASE("what is left out of a profile is not allowed") {
  const UserResult result = parse_user(minimal, "ben.toml");
  REQUIRE(result.ok);
  CHECK(result.profile ==
        test::bare_profile("sip:ben@bravo.example", Services::of(Service::mcptt)));
}

TEST_CASE("identities of a profile come out canonical and groups sorted") {
  const UserResult result = parse_user(
      "mc_service_id = \"SIP:ben@BRAVO.example\"\nservices = [\"mcptt\"]\n"
      "[[group]]\ngroup_id = \"sip:b@ALPHA.example\"\n"
      "[[group]]\ngroup_id = \"sip:a@alpha.example\"\nserver = \"sip:BRAVO.example\"\n",
      "ben.toml");
  REQUIRE(result.ok);
  CHECK(result.profile.mc_service_id == "sip:ben@bravo.example");
  CHECK(result.profile.groups[0] == ProfileGroup{"sip:a@alpha.example", "sip:bravo.example"});
  CHECK(result.profile.groups[1] == ProfileGroup{"sip:b@alpha.example", ""});
}

TEST_CASE("each mistake in a profile is told with its place and what was expected") {
  struct Row {
    std::string text;
    std::string_view told;
  };
  const Row rows[] = {
      {"services = [\"mcptt\"]\n", "mc_service_id"},
      {"mc_service_id = \"sip:ben@bravo.example\"\n", "ben.toml:1:1"},
      {"mc_service_id = \"ben\"\nservices = [\"mcptt\"]\n", "ben.toml:1:17"},
      {"mc_service_id = \"sip:ben@bravo.example\"\nservices = []\n", "ben.toml:2:12"},
      {minimal + "affiliations_max = -1\n", "ben.toml:3:20"},
      {minimal + "regrup = true\n", "regroup"},
      {minimal + "[[group]]\n", "group_id"},
      {minimal + "[[group]]\ngroup_id = \"fire\"\n", "ben.toml:4:12"},
      {minimal + "[[group]]\ngroup_id = \"sip:a@b.c\"\nserver = \"sip:x@b.c\"\n", "ben.toml:5:10"},
      {minimal + "[[group]]\ngroup_id = \"sip:a@b.c\"\nimplicit = true\n", "implicit_affiliation"},
      {minimal + "[[group]]\ngroup_id = \"sip:a@b.c\"\n[[group]]\ngroup_id = \"sip:a@b.c\"\n",
       "named already in line 4"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text, messages(row.text));
    CHECK_FALSE(parse_user(row.text, "ben.toml").ok);
    CHECK(messages(row.text).find(row.told) != std::string::npos);
  }
}

TEST_CASE("a profile with more groups than can be is refused") {
  std::string text = minimal;
  for (std::size_t i = 0; i <= limits::profile_groups_max; ++i)
    text += "[[group]]\ngroup_id = \"sip:g" + std::to_string(i) + "@b.c\"\n";
  CHECK_FALSE(parse_user(text, "ben.toml").ok);
}

TEST_CASE("a profile that cannot be read says so") {
  CHECK_FALSE(read_user("no/such/file.toml").ok);
  CHECK(read_user("no/such/file.toml").problems.size() == 1);
}
