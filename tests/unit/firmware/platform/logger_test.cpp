// SPDX-License-Identifier: Apache-2.0
#include "firmware/platform/logger.h"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;
using namespace bivouac::firmware;

namespace {

std::vector<std::string> lines;

struct Capture {
  Capture() {
    lines.clear();
    log::set_writer([](const std::string& line) { lines.push_back(line); });
  }
  ~Capture() { log::set_writer(nullptr); }
};

}  // namespace

TEST_CASE("a line is a level, a kind and fields, quoted only where they must be") {
  const Capture capture;
  log::warning("peer_refused",
               {{"cause", "expired"}, {"detail", "CN=\"x\" until now"}, {"empty", ""}});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "<4>peer_refused cause=expired detail=\"CN=\\\"x\\\" until now\"\n");
}

TEST_CASE("nothing that a stranger says makes a second line or a terminal command") {
  const Capture capture;
  log::warning("forged", {{"detail", "x\n<3>fake\x1b[2J"}});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "<4>forged detail=\"x?<3>fake?[2J\"\n");
}

TEST_CASE("a long value is cut visibly") {
  const Capture capture;
  log::info("long", {{"value", std::string(10'000, 'a')}});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].size() < 600);
  CHECK(lines[0].ends_with("…\"\n"));
}

TEST_CASE("lines below the level are not written") {
  const Capture capture;
  log::debug("quiet", {});
  log::set_level(log::Level::debug);
  log::debug("loud", {});
  log::set_level(log::Level::info);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("<7>loud"));
}

TEST_CASE("a flood of one kind is cut to a burst and a trickle, and counted") {
  log::RateLimit limit;
  std::uint64_t left_out = 0;
  int passed = 0;
  for (int i = 0; i < 10'000; ++i) passed += limit.admit({i}, left_out) ? 1 : 0;
  CHECK(passed == log::RateLimit::burst + 9);
  CHECK(limit.admit({20'000}, left_out));
  CHECK(left_out > 900);
}

TEST_CASE("a flood of one kind does not silence another") {
  const Capture capture;
  for (int i = 0; i < 1000; ++i) log::warning("flood", {});
  const std::size_t before = lines.size();
  log::warning("important", {});
  CHECK(before < 100);
  CHECK(lines.size() == before + 1);
}

TEST_CASE("an audit has no gaps") {
  const Capture capture;
  for (int i = 0; i < 1000; ++i) log::audit("affiliated", {{"user", std::to_string(i)}});
  REQUIRE(lines.size() == 1000);
  CHECK(lines[999] == "<6>affiliated user=999\n");
  log::set_level(log::Level::warning);
  log::audit("affiliated", {});
  log::set_level(log::Level::info);
  CHECK(lines.size() == 1000);
}
