// SPDX-License-Identifier: Apache-2.0
// New certificates, revocation lists and partners while links are up: who is still valid stays.
#include <catch2/catch_test_macros.hpp>

#include "tests/integration/link_bench.h"

using namespace bivouac;
using namespace bivouac::test;
using engine::HandshakeFailure;

namespace {

/// alpha listens; bravo and charlie are linked with it.
struct Three {
  Folder folder;
  TrialPki pki;
  firmware::pki::Identity alpha_own = pki.issue("sip:alpha.example");
  firmware::pki::Identity charlie_own = pki.issue("sip:charlie.example");
  Loop loop;
  Node alpha{loop, pki.load(folder, "alpha", alpha_own)};
  Node bravo{loop, pki.load(folder, "bravo", pki.issue("sip:bravo.example"))};
  Node charlie{loop, pki.load(folder, "charlie", charlie_own)};

  Three() {
    const std::string address = "127.0.0.1:" + std::to_string(alpha.listen());
    bravo.dial("sip:alpha.example", address);
    charlie.dial("sip:alpha.example", address);
    REQUIRE(loop.until([&] { return alpha.events.up() == 2; }));
  }
};

}  // namespace

TEST_CASE("a new certificate of our own drops nobody", "[link][reload]") {
  Three three;
  three.alpha.use(three.pki.load(three.folder, "alpha", three.pki.issue("sip:alpha.example")));
  three.loop.for_ms(300);
  CHECK(three.alpha.events.downs == 0);
}

TEST_CASE("a new revocation list closes the link of who is on it, and no other", "[link][reload]") {
  Three three;
  const auto files = three.pki.files(three.folder, "alpha", three.alpha_own);
  three.folder.write("alpha.crl", three.pki.revocation_list({three.charlie_own}));
  three.alpha.use(TrialPki::load(files));
  REQUIRE(three.loop.until([&] { return three.alpha.events.downs == 1; }));
  three.loop.for_ms(200);
  CHECK(three.alpha.events.peer("sip:bravo.example") != nullptr);
  CHECK(three.alpha.events.peer("sip:charlie.example") == nullptr);
  CHECK(three.alpha.failures(HandshakeFailure::revoked) == 1);
}

TEST_CASE("a new authority closes the links of the old one", "[link][reload]") {
  Three three;
  const TrialPki fresh("New CA");
  three.alpha.use(fresh.load(three.folder, "fresh", fresh.issue("sip:alpha.example")));
  CHECK(three.loop.until([&] { return three.alpha.events.downs == 2; }));
}

TEST_CASE("a partner that is no longer configured is disconnected", "[link][reload]") {
  Folder folder;
  TrialPki pki;
  Loop loop;
  const auto own = pki.load(folder, "alpha", pki.issue("sip:alpha.example"));
  Node alpha(loop, own);
  Node bravo(loop, pki.load(folder, "bravo", pki.issue("sip:bravo.example")));
  alpha.add_partner("sip:bravo.example");
  bravo.dial("sip:alpha.example", "127.0.0.1:" + std::to_string(alpha.listen()));
  REQUIRE(loop.until([&] { return alpha.events.up() == 1; }));
  alpha.links().use(std::make_shared<const engine::Configuration>(), own);
  CHECK(loop.until([&] { return alpha.events.downs == 1 && bravo.events.downs == 1; }));
}

TEST_CASE("at 1970, without a trusted clock, pinned partners are linked and others are not",
          "[link][clock]") {
  Folder folder;
  TrialPki pki;
  Loop loop;
  Node alpha(loop, pki.load(folder, "alpha", pki.issue("sip:alpha.example")));
  alpha.links().use_clock({false, WallMs{0}});
  alpha.add_partner("sip:bravo.example");
  const std::string address = "127.0.0.1:" + std::to_string(alpha.listen());
  Node bravo(loop, pki.load(folder, "bravo", pki.issue("sip:bravo.example")));
  Node charlie(loop, pki.load(folder, "charlie", pki.issue("sip:charlie.example")));
  bravo.dial("sip:alpha.example", address);
  charlie.dial("sip:alpha.example", address);
  REQUIRE(loop.until(
      [&] { return alpha.events.up() == 1 && alpha.failures(HandshakeFailure::other) == 1; }));
  CHECK(alpha.events.peer("sip:bravo.example") != nullptr);
}
