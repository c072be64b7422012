// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/affiliation_line.h"

#include <catch2/catch_test_macros.hpp>

#include "firmware/cli/words.h"

using namespace bivouac;
using namespace bivouac::firmware::cli;
using enum AffiliationStatus;

namespace {

const std::string fire = "sip:fire@bravo.example";
const std::string sea = "sip:sea@alpha.example";
const GroupAffiliation at_fire{fire, affiliated, Cause::none, Services::all(), "phone"};
const GroupAffiliation waits{sea, affiliating, Cause::none, {}, "phone"};

using List = std::vector<GroupAffiliation>;

}  // namespace

TEST_CASE("an affiliation is told with what it covers, by whom, and why it is not settled") {
  CHECK(affiliation_line(at_fire, "affiliation", false) ==
        fire + ": affiliated for mcptt, mcvideo, mcdata, client phone\n");
  CHECK(affiliation_line({fire, rejected, Cause::not_a_member, {}, {}}, "affiliation", false) ==
        fire + ": rejected, the user is no member of the group (not_a_member)\n");
  GroupAffiliation meanwhile = waits;
  meanwhile.services = Services::of(Service::mcptt);
  CHECK(affiliation_line(meanwhile, "affiliation", false) ==
        sea + ": affiliating, and takes part here for mcptt, client phone\n");
  const std::string json = affiliation_line(at_fire, "affiliation", true);
  CHECK(json.contains("\"status\": \"affiliated\""));
  CHECK(json.contains("\"cause\": \"none\""));
  CHECK(json.contains("\"mcvideo\""));
}

TEST_CASE("of a list that is told again only what changed is news") {
  AffiliationNews news;
  CHECK(news.take({at_fire, waits}) == List{at_fire, waits});
  CHECK(news.take({at_fire, waits}).empty());
  GroupAffiliation settled = waits;
  settled.status = affiliated;
  settled.services = Services::of(Service::mcptt);
  CHECK(news.take({at_fire, settled}) == List{settled});
  CHECK(news.take({settled}) == List{{fire, deaffiliated, Cause::none, {}, "phone"}});
  news.ended(sea);  // told with its cause
  CHECK(news.take({}).empty());
  CHECK(news.take({settled}) == List{settled});
  CHECK(news.take({}) == List{{sea, deaffiliated, Cause::none, {}, "phone"}});
}

TEST_CASE("whoever wants an affiliation has a name") {
  CHECK(names_of(by_user | by_other_user) == std::vector<std::string_view>{"user", "other_user"});
  CHECK(names_of(by_profile | by_regroup) == std::vector<std::string_view>{"profile", "regroup"});
  CHECK(names_of({}).empty());
}
