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

TEST_CASE("when an exchange was sent first a lifetime ago then it has expired, retries or not") {
  engine::Exchanges exchanges;
  exchanges.start(1);
  const ExchangeId id = exchanges.next_id();
  const MonoMs long_after{10 * limits::exchange_lifetime_ms};
  exchanges.expect("sip:alpha.example", id);
  CHECK_FALSE(exchanges.has_expired("sip:alpha.example", id, long_after));  // never sent
  exchanges.sent("sip:alpha.example", id, {1'000});
  exchanges.sent("sip:alpha.example", id, {limits::exchange_lifetime_ms});
  const MonoMs end{1'000 + limits::exchange_lifetime_ms};
  CHECK_FALSE(exchanges.has_expired("sip:alpha.example", id, {end.ms - 1}));
  CHECK(exchanges.has_expired("sip:alpha.example", id, end));
  CHECK_FALSE(exchanges.has_expired("sip:bravo.example", id, end));
  exchanges.settle("sip:alpha.example", id);
  CHECK_FALSE(exchanges.has_expired("sip:alpha.example", id, end));
}
