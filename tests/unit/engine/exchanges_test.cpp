// SPDX-License-Identifier: Apache-2.0
#include "core/engine/exchanges.h"

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;
using engine::Exchanges;

TEST_CASE("when a node starts again then its exchange ids are above those of every earlier run") {
  Exchanges first;
  first.start(1);
  ExchangeId last;
  for (int i = 0; i < 1'000; ++i) last = first.next_id();
  Exchanges second;
  second.start(2);
  CHECK(second.next_id() > last);
}

TEST_CASE("when answers are missing then only what lies before the first of them is answered") {
  Exchanges exchanges;
  exchanges.start(1);
  const ExchangeId a = exchanges.next_id();
  const ExchangeId b = exchanges.next_id();
  const ExchangeId c = exchanges.next_id();
  CHECK(exchanges.answered_up_to("sip:alpha.example") == c);  // nothing is missing
  exchanges.expect("sip:alpha.example", a);
  exchanges.expect("sip:alpha.example", c);
  CHECK(exchanges.answered_up_to("sip:alpha.example").value == a.value - 1);
  CHECK(exchanges.answered_up_to("sip:charlie.example") == c);
  exchanges.settle("sip:alpha.example", a);
  CHECK(exchanges.answered_up_to("sip:alpha.example") == b);
  exchanges.settle("sip:alpha.example", c);
  exchanges.settle("sip:alpha.example", c);
  CHECK(exchanges.answered_up_to("sip:alpha.example") == c);

  SECTION("what is tried again is missing again") {
    exchanges.expect("sip:alpha.example", a);
    CHECK(exchanges.answered_up_to("sip:alpha.example").value == a.value - 1);
  }
}

TEST_CASE("when an exchange is open then it is found until it is closed") {
  Exchanges exchanges;
  exchanges.start(1);
  const ExchangeId id = exchanges.next_id();
  CHECK(exchanges.find(id) == nullptr);
  exchanges.open(
      id, {"sip:alpha.example", wire::fb::Body::GroupConfigurationRequest, "sip:g@alpha.example"});
  REQUIRE(exchanges.find(id) != nullptr);
  CHECK(exchanges.find(id)->target == "sip:alpha.example");
  CHECK(exchanges.open_count() == 1);
  exchanges.close(id);
  exchanges.close(id);
  CHECK(exchanges.open_count() == 0);
}
