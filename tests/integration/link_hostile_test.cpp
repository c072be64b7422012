// SPDX-License-Identifier: Apache-2.0
// Strangers who only want to be in the way: bounded work, and the others are served.
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/integration/link_bench.h"

using namespace bivouac;
using namespace bivouac::test;
using engine::HandshakeFailure;

namespace {

struct Stage {
  Folder folder;
  TrialPki pki;
  Loop loop;
  Node alpha;
  std::uint16_t port;

  explicit Stage(firmware::AdmissionLimits limits)
      : alpha(loop, pki.load(folder, "alpha", pki.issue("sip:alpha.example")), limits),
        port(alpha.listen()) {}

  /// An honest partner gets through, within this time.
  bool serves(std::int64_t within_ms) {
    Node bravo(loop, pki.load(folder, "bravo", pki.issue("sip:bravo.example")));
    const MonoMs end = firmware::monotonic_now() + DurationMs{within_ms};
    std::size_t dials = 0;
    return loop.until(
        [&] {
          // As the core does: another try when one came to nothing.
          if (bravo.events.dial_failures.size() == dials && bravo.events.up() == 0 &&
              firmware::monotonic_now() < end) {
            ++dials;
            bravo.dial("sip:alpha.example", "127.0.0.1:" + std::to_string(port));
          }
          return bravo.events.up() == 1 && alpha.events.peer("sip:bravo.example") != nullptr;
        },
        within_ms);
  }
};

/// The first record of a ClientHello, as far as its length says; the content is rubbish.
std::string record_header(std::size_t body) {
  return {'\x16', '\x03', '\x01', static_cast<char>(body >> 8), static_cast<char>(body & 0xFF)};
}

}  // namespace

TEST_CASE("a ClientHello that drips in is cut off in time, and costs the others nothing",
          "[link][hostile]") {
  firmware::AdmissionLimits limits;
  limits.client_hello = {600};
  Stage stage(limits);
  std::vector<RawClient> drips;
  for (int i = 0; i < 10; ++i) drips.emplace_back(stage.port, "127.0.0.2");
  for (RawClient& drip : drips) drip.say(record_header(500));
  for (int i = 0; i < 5; ++i) {
    for (RawClient& drip : drips) drip.say("x");
    stage.loop.for_ms(20);
  }
  CHECK(stage.serves(3'000));
  REQUIRE(stage.loop.until([&] { return stage.alpha.failures(HandshakeFailure::timed_out) == 10; },
                           3'000));
  for (const RawClient& drip : drips) CHECK(drip.is_closed_by_peer());
}

TEST_CASE("one source may hold only so many unfinished handshakes", "[link][hostile]") {
  firmware::AdmissionLimits limits;
  limits.waiting_per_source_max = 4;
  Stage stage(limits);
  std::vector<RawClient> silent;
  for (int i = 0; i < 20; ++i) silent.emplace_back(stage.port, "127.0.0.2");
  REQUIRE(stage.loop.until([&] { return stage.alpha.failures(HandshakeFailure::too_many) == 16; }));
  CHECK(stage.serves(3'000));
}

TEST_CASE("half-open connections from many sources yield to one that speaks", "[link][hostile]") {
  firmware::AdmissionLimits limits;
  limits.waiting_max = 8;
  Stage stage(limits);
  std::vector<RawClient> silent;
  for (int i = 0; i < 60; ++i) silent.emplace_back(stage.port, "127.0.1." + std::to_string(i + 1));
  stage.loop.for_ms(100);
  CHECK(stage.serves(8'000));
  CHECK(stage.alpha.failures(HandshakeFailure::too_many) > 0);
}

TEST_CASE("a flood of connections is cut to the configured rate before TLS", "[link][hostile]") {
  firmware::AdmissionLimits limits;
  limits.connections_burst = 10;
  limits.connections_per_s = 5;
  Stage stage(limits);
  std::vector<RawClient> flood;
  for (int i = 0; i < 50; ++i) flood.emplace_back(stage.port, "127.0.2." + std::to_string(i + 1));
  REQUIRE(
      stage.loop.until([&] { return stage.alpha.failures(HandshakeFailure::rate_limited) >= 35; }));
  flood.clear();
  CHECK(stage.serves(6'000));
}

TEST_CASE("rubbish, HTTP and a connection that ends at once are refused and counted",
          "[link][hostile]") {
  Stage stage({});
  RawClient http(stage.port);
  http.say("GET / HTTP/1.1\r\n\r\n");
  RawClient rubbish(stage.port);
  rubbish.say(record_header(100) + std::string("\x02\x00\x00\x60", 4) + std::string(96, 'x'));
  {
    const RawClient gone(stage.port);
  }
  REQUIRE(stage.loop.until([&] {
    return stage.alpha.failures(HandshakeFailure::other) == 2 &&
           stage.alpha.failures(HandshakeFailure::peer_closed) == 1;
  }));
  CHECK(stage.loop.until([&] { return http.is_closed_by_peer() && rubbish.is_closed_by_peer(); }));
  CHECK(stage.alpha.events.ups == 0);
}

TEST_CASE("a storm of 200 handshakes is served to the last, a few at a time", "[link][hostile]") {
  firmware::AdmissionLimits limits;
  limits.connections_per_s = 1000;
  limits.connections_burst = 1000;
  limits.waiting_per_source_max = 1000;
  limits.handshake = {60'000};
  Stage stage(limits);
  Node bravo(stage.loop,
             stage.pki.load(stage.folder, "bravo", stage.pki.issue("sip:bravo.example")), limits);
  Node charlie(stage.loop,
               stage.pki.load(stage.folder, "charlie", stage.pki.issue("sip:charlie.example")),
               limits);
  const std::string address = "127.0.0.1:" + std::to_string(stage.port);
  charlie.dial("sip:alpha.example", address);
  REQUIRE(stage.loop.until([&] { return charlie.events.up() == 1; }));

  for (int i = 0; i < 200; ++i) bravo.dial("sip:alpha.example", address);
  // Meanwhile a link that is up is served: charlie's bytes come back.
  stage.alpha.events.on_bytes = [&](ConnectionId from, ByteView bytes) {
    stage.alpha.send(from, Bytes(bytes.begin(), bytes.end()), engine::Priority::control);
  };
  std::size_t echoes = 0;
  charlie.events.on_bytes = [&](ConnectionId to, ByteView) {
    ++echoes;
    charlie.send(to, Bytes(100, 7), engine::Priority::control);
  };
  charlie.send(charlie.events.connection("sip:alpha.example"), Bytes(100, 7),
               engine::Priority::control);
  CHECK(stage.loop.until(
      [&] { return bravo.events.up() + bravo.events.dial_failures.size() == 200; }, 120'000));
  CHECK(bravo.events.up() == 200);
  CHECK(stage.loop.until([&] { return stage.alpha.telemetry().handshakes == 201; }));
  CHECK(echoes > 200);
}
