// SPDX-License-Identifier: Apache-2.0
#include "firmware/platform/clock_trust.h"

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;
using namespace bivouac::firmware;

TEST_CASE("the first look at the clock tells its state, later ones only changes") {
  ClockTrust trusted(ClockTrust::Mode::trusted);
  CHECK(trusted.poll() == true);
  CHECK(trusted.poll() == std::nullopt);
  ClockTrust untrusted(ClockTrust::Mode::untrusted);
  CHECK(untrusted.poll() == false);
  CHECK_FALSE(untrusted.trusted());
}

TEST_CASE("a jump of the wall clock is told with its sign; drift is not") {
  ClockTrust clock(ClockTrust::Mode::trusted);
  CHECK(clock.jump({{1'000}, {500'000}}).ms == 0);
  CHECK(clock.jump({{3'000}, {502'010}}).ms == 0);
  CHECK(clock.jump({{5'000}, {604'010}}).ms == 100'000);
  CHECK(clock.jump({{7'000}, {506'010}}).ms == -100'000);
  CHECK(clock.jump({{9'000}, {508'010}}).ms == 0);
}
