// SPDX-License-Identifier: Apache-2.0
// Two nodes, one real TLS connection: what is sent arrives, in order, whatever the pace.
#include <catch2/catch_test_macros.hpp>

#include "tests/integration/link_bench.h"

using namespace bivouac;
using namespace bivouac::test;
using engine::HandshakeFailure;

namespace {

Bytes pattern(std::size_t size, unsigned seed) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i)
    out[i] = static_cast<std::uint8_t>(i * 31 + i / 255 + seed);
  return out;
}

/// alpha listens, bravo dials.
struct Two {
  Folder folder;
  TrialPki pki;
  Loop loop;
  Node alpha{loop, pki.load(folder, "alpha", pki.issue("sip:alpha.example"))};
  Node bravo{loop, pki.load(folder, "bravo", pki.issue("sip:bravo.example"))};
  std::uint16_t port = alpha.listen();

  void connect() {
    bravo.dial("sip:alpha.example", "127.0.0.1:" + std::to_string(port));
    REQUIRE(loop.until([&] { return alpha.events.up() == 1 && bravo.events.up() == 1; }));
  }
  ConnectionId at_alpha() const { return alpha.events.connection("sip:bravo.example"); }
  ConnectionId at_bravo() const { return bravo.events.connection("sip:alpha.example"); }
  const Bytes& received_by_alpha() const {
    return alpha.events.peer("sip:bravo.example")->received;
  }
  const Bytes& received_by_bravo() const {
    return bravo.events.peer("sip:alpha.example")->received;
  }
};

}  // namespace

TEST_CASE("a dialled link comes up on both sides with the identities of the certificates",
          "[link]") {
  Two two;
  two.connect();
  CHECK(two.bravo.events.peer("sip:alpha.example")->dialled);
  CHECK_FALSE(two.alpha.events.peer("sip:bravo.example")->dialled);
  const auto telemetry = two.alpha.telemetry();
  CHECK(telemetry.handshakes == 1);
  REQUIRE(telemetry.connections.size() == 1);
  CHECK(telemetry.connections[0].tls_version == "TLSv1.3");
  CHECK(telemetry.connections[0].certificate_expires_ms > today().ms);
}

TEST_CASE("a megabyte in each direction at the same time arrives whole", "[link]") {
  Two two;
  two.connect();
  const Bytes up = pattern(1024 * 1024, 1);
  const Bytes down = pattern(1024 * 1024, 2);
  two.alpha.send(two.at_alpha(), up);
  two.bravo.send(two.at_bravo(), down);
  REQUIRE(two.loop.until([&] {
    return two.received_by_alpha().size() == down.size() &&
           two.received_by_bravo().size() == up.size();
  }));
  CHECK(two.received_by_alpha() == down);
  CHECK(two.received_by_bravo() == up);
}

TEST_CASE("while the disk has no room nothing is read, and nothing is lost", "[link]") {
  Two two;
  two.connect();
  two.alpha.events.accepting = false;
  const Bytes sent = pattern(1536 * 1024, 3);
  two.bravo.send(two.at_bravo(), sent);
  two.loop.for_ms(300);
  CHECK(two.received_by_alpha().empty());
  two.alpha.events.accepting = true;
  REQUIRE(two.loop.until([&] { return two.received_by_alpha().size() == sent.size(); }));
  CHECK(two.received_by_alpha() == sent);
}

TEST_CASE("back-pressure that comes and goes in the middle of records loses nothing", "[link]") {
  Two two;
  two.connect();
  int blocks = 0;
  two.alpha.events.on_bytes = [&](ConnectionId, ByteView bytes) {
    CHECK(bytes.size() <= limits::connection_buffer_bytes);
    if (++blocks % 3 == 0) two.alpha.events.accepting = false;
  };
  const Bytes sent = pattern(300'000, 4);
  two.bravo.send(two.at_bravo(), sent);
  REQUIRE(two.loop.until([&] {
    two.alpha.events.accepting = true;
    return two.received_by_alpha().size() == sent.size();
  }));
  CHECK(two.received_by_alpha() == sent);
}

TEST_CASE("a peer that does not read is cut off when its queue is full", "[link]") {
  Two two;
  two.connect();
  two.alpha.events.accepting = false;  // alpha stops reading for good
  std::size_t sent = 0;
  const bool down = two.loop.until([&] {
    if (two.bravo.events.up() == 0) return true;
    two.bravo.send(two.at_bravo(), pattern(256 * 1024, 5));
    ++sent;
    return false;
  });
  CHECK(down);
  CHECK(sent >= limits::queue_bytes_max / (256 * 1024));
  CHECK(two.bravo.events.downs == 1);
  CHECK(two.bravo.telemetry().full_queues == 1);
  CHECK(two.alpha.telemetry().full_queues == 0);
}

TEST_CASE("what was sent before a close still arrives", "[link]") {
  Two two;
  two.connect();
  const Bytes last = pattern(200'000, 6);
  Bytes received;
  two.bravo.events.on_bytes = [&](ConnectionId, ByteView bytes) {
    received.insert(received.end(), bytes.begin(), bytes.end());
  };
  two.alpha.send(two.at_alpha(), last);
  two.alpha.close(two.at_alpha());
  REQUIRE(
      two.loop.until([&] { return two.bravo.events.downs == 1 && two.alpha.events.downs == 1; }));
  CHECK(received == last);
}

TEST_CASE("a dial to nobody fails, and so does one to somebody else", "[link]") {
  Two two;
  two.bravo.dial("sip:alpha.example", "127.0.0.1:1");
  REQUIRE(two.loop.until([&] { return two.bravo.events.dial_failures.size() == 1; }));
  two.bravo.dial("sip:charlie.example", "127.0.0.1:" + std::to_string(two.port));
  REQUIRE(two.loop.until([&] { return two.bravo.events.dial_failures.size() == 2; }));
  CHECK(two.bravo.events.dial_failures[1] == "sip:charlie.example");
  CHECK(two.bravo.failures(HandshakeFailure::wrong_san) == 1);
  CHECK(two.bravo.events.ups == 0);
}

TEST_CASE("both families can be bound side by side on one port", "[link]") {
  Two two;
  CHECK(two.alpha.links().bind("::1", two.port).has_value());
  CHECK(two.bravo.links().bind("", 0).has_value());
  const auto taken = two.bravo.links().bind("127.0.0.1", two.port);
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().find("address already in use") != std::string::npos);
}

TEST_CASE("a host name is resolved on the loop, and an unknown one fails the dial", "[link]") {
  Two two;
  two.bravo.dial("sip:alpha.example", "localhost:" + std::to_string(two.port));
  REQUIRE(two.loop.until([&] { return two.bravo.events.up() == 1; }));
  two.bravo.dial("sip:delta.example", "no-such-host.invalid:4711");
  REQUIRE(two.loop.until([&] { return two.bravo.events.dial_failures.size() == 1; }, 20'000));
}

TEST_CASE("a node that is taken down in the middle of handshakes leaves nothing behind", "[link]") {
  Two two;
  {
    Node charlie(two.loop,
                 two.pki.load(two.folder, "charlie", two.pki.issue("sip:charlie.example")));
    for (int i = 0; i < 10; ++i)
      charlie.dial("sip:alpha.example", "127.0.0.1:" + std::to_string(two.port));
    two.loop.for_ms(15);
  }
  two.connect();  // alpha has survived it
}
