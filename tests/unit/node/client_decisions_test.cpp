// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "core/gms/clients/client_view.h"
#include "core/mcs/own/log_on_decision.h"

using namespace bivouac;

TEST_CASE(
    "when a client wants a group then it needs every reason, and is told the first that lacks",
    "[10.2.7.1]") {
  using gms::clients::ViewFacts;
  const ViewFacts all{true, true, true, true, true};
  CHECK(gms::clients::decide(all) == Cause::none);
  struct Row {
    bool ViewFacts::* lacks;
    Cause cause;
  };
  const Row rows[] = {{&ViewFacts::logged_on, Cause::not_logged_on},
                      {&ViewFacts::in_profile, Cause::not_in_profile},
                      {&ViewFacts::stored, Cause::group_unknown},
                      {&ViewFacts::member, Cause::not_a_member},
                      {&ViewFacts::services_shared, Cause::service_unknown}};
  for (const Row& row : rows) {
    ViewFacts facts = all;
    facts.*row.lacks = false;
    CHECK(gms::clients::decide(facts) == row.cause);
  }
  CHECK(gms::clients::decide({}) == Cause::not_logged_on);
}

TEST_CASE("when a client logs on then it gets the services that profile and system share",
          "[10.2.7.1]") {
  using mcs::own::LogOnFacts;
  const Services two = Services::of(Service::mcptt) | Services::of(Service::mcdata);
  struct Row {
    LogOnFacts facts;
    Cause cause;
    Services services;
  };
  const Row rows[] = {
      {{}, Cause::user_unknown, {}},
      {{true, two, Services::all(), {}, false, false}, Cause::none, two},
      {{true, two, Services::of(Service::mcptt), {}, false, false},
       Cause::none,
       Services::of(Service::mcptt)},
      {{true, two, Services::all(), Services::of(Service::mcdata), false, false},
       Cause::none,
       Services::of(Service::mcdata)},
      {{true, two, Services::all(), Services::of(Service::mcvideo), false, false},
       Cause::service_unknown,
       {}},
      {{true, two, {}, {}, false, false}, Cause::service_unknown, {}},
      {{true, two, Services::all(), {}, false, true}, Cause::client_limit, {}},
      {{true, two, Services::all(), {}, true, true}, Cause::none, two},
  };
  for (const Row& row : rows) {
    const auto decision = mcs::own::decide(row.facts);
    CHECK(decision.cause == row.cause);
    CHECK(decision.services == row.services);
  }
}
