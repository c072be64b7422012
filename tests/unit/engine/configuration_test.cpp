// SPDX-License-Identifier: Apache-2.0
#include "core/engine/configuration.h"

#include <catch2/catch_test_macros.hpp>

#include "core/engine/context.h"

using namespace bivouac;
using engine::Configuration;
using engine::Partner;

namespace {

Configuration three_partners() {
  Configuration configuration;
  for (const char* name : {"alpha", "charlie", "delta"}) {
    Partner partner;
    partner.system_id = std::string("sip:") + name + ".example";
    partner.users = {std::string("sip:*@") + name + ".example"};
    partner.groups = {std::string("sip:g*@") + name + ".example"};
    configuration.partners.push_back(partner);
  }
  return configuration;
}

}  // namespace

TEST_CASE("when a partner is configured then it is found by its name, and nobody else") {
  const Configuration c = three_partners();
  CHECK(c.partner("sip:alpha.example") == &c.partners[0]);
  CHECK(c.partner("sip:delta.example") == &c.partners[2]);
  CHECK(c.partner("sip:bravo.example") == nullptr);
  CHECK(c.partner("") == nullptr);
  CHECK(Configuration{}.partner("sip:alpha.example") == nullptr);
}

TEST_CASE("when patterns name a home then groups and users are found there") {
  const Configuration c = three_partners();
  CHECK(c.home_of_group("sip:g7@charlie.example") == &c.partners[1]);
  CHECK(c.home_of_group("sip:x7@charlie.example") == nullptr);
  CHECK(c.home_of_user("sip:x7@charlie.example") == &c.partners[1]);
  CHECK(c.home_of_user("tel:+491") == nullptr);
}

TEST_CASE("when a partner lies behind a proxy then the proxy is the next hop to it") {
  Configuration c = three_partners();
  c.partners[0].speaks_for = {"sip:delta.example", "sip:*.echo.example"};
  c.partners[1].speaks_for = {"sip:x.echo.example"};
  c.partners[2].via = "sip:alpha.example";
  CHECK(c.neighbour("sip:alpha.example") == &c.partners[0]);
  CHECK(c.neighbour("sip:delta.example") == nullptr);
  CHECK(c.next_hop("sip:alpha.example") == &c.partners[0]);
  CHECK(c.next_hop("sip:delta.example") == &c.partners[0]);
  CHECK(c.next_hop("sip:x.echo.example") == &c.partners[0]);  // no partner: the first that speaks
  CHECK(c.next_hop("sip:bravo.example") == nullptr);
  CHECK(Configuration::may_speak_for(c.partners[0], "sip:alpha.example"));
  CHECK(Configuration::may_speak_for(c.partners[0], "sip:delta.example"));
  CHECK_FALSE(Configuration::may_speak_for(c.partners[0], "sip:charlie.example"));
}

TEST_CASE("when an answer says why not then unknown causes are one cause, and success is none") {
  using engine::outcome;
  using wire::fb::Result;
  CHECK(outcome(Result::success, 0) == Cause::none);
  CHECK(outcome(Result::failure, 0) == Cause::policy);
  CHECK(outcome(Result::failure, 67) == Cause::storage_full);
  CHECK(outcome(Result::failure, 12'345) == Cause::policy);
  CHECK(outcome(static_cast<Result>(9), 0) == Cause::policy);
}
