// SPDX-License-Identifier: Apache-2.0
// The world's other TLS library at the door: who gets in, who does not, and what is counted.
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/integration/link_bench.h"

using namespace bivouac;
using namespace bivouac::test;
using engine::HandshakeFailure;

namespace {

/// A node at the door and `openssl s_client` before it.
struct Door {
  Folder folder;
  TrialPki pki;
  firmware::CredentialFiles files = pki.files(folder, "alpha", pki.issue("sip:alpha.example"));
  Loop loop;
  std::unique_ptr<Node> alpha;
  std::uint16_t port = 0;

  void open() {
    alpha = std::make_unique<Node>(loop, TrialPki::load(files));
    port = alpha->listen();
  }
  std::string certificate(const firmware::pki::Identity& own) {
    return " -cert " + folder.write("client.crt", own.certificate_pem) + " -key " +
           folder.write("client.key", own.key_pem);
  }
  /// What the client prints; it stays connected for a moment after the handshake.
  std::string client(const std::string& options) {
    if (alpha == nullptr) open();
    const std::string command =
        "sleep 1 | timeout 20 openssl s_client -connect 127.0.0.1:" + std::to_string(port) +
        " -CAfile " + files.ca + " " + options + " 2>&1";
    std::string output;
    std::atomic<bool> done = false;
    std::thread runner([&] {
      std::FILE* pipe = ::popen(command.c_str(), "r");
      std::array<char, 4096> block{};
      while (pipe != nullptr) {
        const std::size_t count = std::fread(block.data(), 1, block.size(), pipe);
        if (count == 0) break;
        output.append(block.data(), count);
      }
      if (pipe != nullptr) ::pclose(pipe);
      done = true;
    });
    loop.until([&] { return done.load(); }, 30'000);
    runner.join();
    return output;
  }
  std::uint64_t failures(HandshakeFailure failure) const { return alpha->failures(failure); }
};

bool has_openssl() {
  static const bool found = std::system("openssl version >/dev/null 2>&1") == 0;
  return found;
}

#define NEEDS_OPENSSL() \
  if (!has_openssl()) SKIP("no openssl command here")

}  // namespace

TEST_CASE("openssl with a valid certificate completes a TLS 1.3 handshake", "[tls]") {
  NEEDS_OPENSSL();
  Door door;
  const std::string output = door.client(door.certificate(door.pki.issue("sip:bravo.example")));
  CAPTURE(output);
  CHECK(output.find("TLSv1.3") != std::string::npos);
  CHECK(output.find("Verification: OK") != std::string::npos);
  CHECK(door.alpha->events.ups == 1);
  CHECK(door.alpha->events.downs == 1);
  CHECK(door.alpha->telemetry().handshakes == 1);
}

TEST_CASE("TLS 1.2 is served too, with forward secrecy and no tickets", "[tls]") {
  NEEDS_OPENSSL();
  Door door;
  const std::string output =
      door.client("-tls1_2" + door.certificate(door.pki.issue("sip:bravo.example")));
  CAPTURE(output);
  CHECK(door.alpha->events.ups == 1);
  CHECK(output.find("ECDHE-ECDSA-") != std::string::npos);
  CHECK(output.find("TLS session ticket:") == std::string::npos);
}

TEST_CASE("who shows no certificate is refused", "[tls]") {
  NEEDS_OPENSSL();
  for (const char* version : {"-tls1_3", "-tls1_2"}) {
    Door door;
    door.client(version);
    CHECK(door.failures(HandshakeFailure::no_certificate) == 1);
    CHECK(door.alpha->events.ups == 0);
  }
}

TEST_CASE("certificates that are wrong in one way are refused, each counted under its cause",
          "[tls]") {
  NEEDS_OPENSSL();
  Door door;
  const auto refused = [&](const firmware::pki::Identity& own, HandshakeFailure cause) {
    const std::string output = door.client(door.certificate(own));
    CAPTURE(output, std::string(engine::name(cause)));
    CHECK(door.failures(cause) == 1);
    CHECK(door.alpha->events.ups == 0);
  };
  refused(TrialPki("Foreign CA").issue("sip:bravo.example"), HandshakeFailure::unknown_ca);
  refused(door.pki.issue(Wish{{"sip:bravo.example"}, -20, -10}), HandshakeFailure::expired);
  refused(door.pki.issue(Wish{{"sip:bravo.example"}, 10, 20}), HandshakeFailure::not_yet_valid);
  refused(door.pki.issue(Wish{{"https://bravo.example"}}), HandshakeFailure::wrong_san);
  refused(door.pki.issue(Wish{{"sip:bravo.example"}, -1, 30, false, true}),
          HandshakeFailure::wrong_eku);
}

TEST_CASE("a revoked certificate is refused", "[tls]") {
  NEEDS_OPENSSL();
  Door door;
  const auto bravo = door.pki.issue("sip:bravo.example");
  door.folder.write("alpha.crl", door.pki.revocation_list({bravo}));
  door.client(door.certificate(bravo));
  CHECK(door.failures(HandshakeFailure::revoked) == 1);
  CHECK(door.alpha->events.ups == 0);
}

TEST_CASE("without a revocation list of the authority, where one is required, nobody is let in",
          "[tls]") {
  NEEDS_OPENSSL();
  Door door;
  door.folder.write("alpha.crl", TrialPki("Other CA").revocation_list());
  door.client(door.certificate(door.pki.issue("sip:bravo.example")));
  CHECK(door.failures(HandshakeFailure::crl_missing) == 1);
  CHECK(door.alpha->events.ups == 0);
}

TEST_CASE("TLS 1.1 is refused as an old protocol", "[tls]") {
  NEEDS_OPENSSL();
  Door door;
  door.client("-tls1_1 -cipher ALL:@SECLEVEL=0" +
              door.certificate(door.pki.issue("sip:bravo.example")));
  CHECK(door.failures(HandshakeFailure::protocol_version) == 1);
}
