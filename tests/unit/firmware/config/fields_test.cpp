// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/fields.h"

#include <catch2/catch_test_macros.hpp>

#include "firmware/config/pattern.h"

using namespace bivouac::firmware;

TEST_CASE("patterns overlap when one identity can match both") {
  CHECK(overlap("*", "sip:*@alpha.example"));
  CHECK(overlap("sip:ada@alpha.example", "sip:*@alpha.example"));
  CHECK(overlap("sip:a*", "sip:*@alpha.example"));
  CHECK_FALSE(overlap("sip:*@alpha.example", "sip:*@bravo.example"));
  CHECK_FALSE(overlap("tel:+49*", "sip:*"));
  CHECK_FALSE(overlap("sip:ada@alpha.example", "sip:ben@alpha.example"));
}

TEST_CASE("durations are written as they are read") {
  for (const std::uint64_t ms :
       {0ULL, 1ULL, 999ULL, 1'000ULL, 90'000ULL, 3'600'000ULL, 4'294'967'295ULL}) {
    CHECK(parse_duration(write_duration(ms)) == ms);
  }
  CHECK(write_duration(90'000) == "90s");
  CHECK(write_duration(7'200'000) == "2h");
}
