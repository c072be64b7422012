// SPDX-License-Identifier: Apache-2.0
#include "firmware/platform/text.h"

#include <cstdint>

#include <catch2/catch_test_macros.hpp>

using bivouac::WallMs;
using namespace bivouac::firmware;

TEST_CASE("places in a pattern are filled in their order") {
  CHECK(filled("no place") == "no place");
  CHECK(filled("{}", "all of it") == "all of it");
  CHECK(filled("{} of {}: {}", std::string("a"), "b", std::string_view("c")) == "a of b: c");
  CHECK(filled("{} {} {}", -1, std::uint64_t{18446744073709551615U}, 'A' - 'A') ==
        "-1 18446744073709551615 0");
  CHECK(filled("{}, {}", "{}", "taken as it is") == "{}, taken as it is");
}

TEST_CASE("a pattern with fewer or more places than parts loses neither") {
  CHECK(filled("{}", "one", "two") == "onetwo");
  CHECK(filled("{} and {}", "one") == "one and {}");
}

TEST_CASE("moments are written in UTC") {
  CHECK(utc_text(WallMs{0}) == "1970-01-01 00:00:00 UTC");
  CHECK(utc_digits(WallMs{1'798'761'599'999}) == "20261231235959");
  CHECK(utc_text(WallMs{1'798'761'599'999}) == "2026-12-31 23:59:59 UTC");
  CHECK(utc_text(WallMs{-1}) == "1969-12-31 23:59:59 UTC");
}
