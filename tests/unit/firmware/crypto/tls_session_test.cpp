// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/tls_session.h"

#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/trial_pki.h"

using namespace bivouac;
using namespace bivouac::firmware;
using bivouac::test::Folder;
using bivouac::test::TrialPki;
using bivouac::test::Wish;
using engine::HandshakeFailure;
using Progress = TlsSession::Progress;

namespace {

void move_bytes(ByteRing& from, ByteRing& to) {
  const std::size_t count = to.append(from.front());
  from.consume(count);
}

/// Two ends in one process, the network between them being two copies.
struct Pair {
  TlsSession dialling;
  TlsSession listening;
  Progress dialling_progress = Progress::wants_input;
  Progress listening_progress = Progress::wants_input;

  void shake_hands() {
    for (int turn = 0; turn < 20; ++turn) {
      if (dialling_progress == Progress::wants_input) dialling_progress = dialling.handshake();
      move_bytes(dialling.outgoing(), listening.incoming());
      if (listening_progress == Progress::wants_input) listening_progress = listening.handshake();
      move_bytes(listening.outgoing(), dialling.incoming());
      if (dialling_progress != Progress::wants_input && listening_progress != Progress::wants_input)
        return;
    }
  }
};

/// One authority, a listening system "alpha" and whoever dials.
struct Stage {
  Folder folder;
  TrialPki pki;
  std::shared_ptr<const Credentials> alpha =
      pki.load(folder, "alpha", pki.issue("sip:alpha.example"));
  PeerPolicy policy{test::today(), true, "", {}};

  PeerPolicy expecting(const std::string& identity) const {
    PeerPolicy wanted = policy;
    wanted.expected = identity;
    return wanted;
  }
  /// The listener's report on a peer with these credentials.
  PeerReport judge(const std::shared_ptr<const Credentials>& peer) const {
    const PeerPolicy trusting{test::today(), true, "", {}};
    Pair pair{{peer, TlsRole::dialling, 0, trusting}, {alpha, TlsRole::listening, 1, policy}};
    pair.shake_hands();
    return pair.listening.report();
  }
};

/// Credentials that load() would refuse in our own daemon, but that a peer may well show.
std::shared_ptr<const Credentials> strange_peer(const Folder& folder, const TrialPki& pki,
                                                const Wish& wish,
                                                WallMs judged_at = test::today()) {
  auto files = pki.files(folder, "peer", pki.issue(wish));
  files.crl.clear();  // a new list would prove to the peer itself that its certificate is old
  files.crl_required = false;
  return Credentials::load(files, judged_at).value();
}

}  // namespace

TEST_CASE("two systems of one authority shake hands in TLS 1.3 and know each other") {
  const Stage stage;
  const auto bravo = stage.pki.load(stage.folder, "bravo", stage.pki.issue("sip:bravo.example"));
  Pair pair{{bravo, TlsRole::dialling, 0, stage.expecting("sip:alpha.example")},
            {stage.alpha, TlsRole::listening, 1, stage.policy}};
  pair.shake_hands();
  REQUIRE(pair.dialling_progress == Progress::finished);
  REQUIRE(pair.listening_progress == Progress::finished);
  CHECK(pair.listening.report().identity == "sip:bravo.example");
  CHECK(pair.dialling.report().identity == "sip:alpha.example");
  CHECK(pair.dialling.report().tls_version == "TLSv1.3");
  CHECK(pair.listening.report().expires > test::today());
}

TEST_CASE("bytes of any amount cross a session in order, with full rings in between") {
  const Stage stage;
  const auto bravo = stage.pki.load(stage.folder, "bravo", stage.pki.issue("sip:bravo.example"));
  Pair pair{{bravo, TlsRole::dialling, 0, stage.policy},
            {stage.alpha, TlsRole::listening, 1, stage.policy}};
  pair.shake_hands();
  REQUIRE(pair.listening_progress == Progress::finished);

  Bytes sent(300'000);
  for (std::size_t i = 0; i < sent.size(); ++i)
    sent[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  Bytes received;
  std::size_t at = 0;
  Bytes block(4096);
  while (received.size() < sent.size()) {
    while (at < sent.size() && pair.dialling.can_write()) {
      const std::size_t count = std::min(TlsSession::record_bytes_max, sent.size() - at);
      REQUIRE(pair.dialling.write(ByteView(sent).subspan(at, count)));
      at += count;
    }
    move_bytes(pair.dialling.outgoing(), pair.listening.incoming());
    for (;;) {
      const auto read = pair.listening.read(block);
      if (read.outcome == TlsSession::Reading::wants_input) break;
      REQUIRE(read.outcome == TlsSession::Reading::bytes);
      received.insert(received.end(), block.begin(),
                      block.begin() + static_cast<std::ptrdiff_t>(read.count));
    }
  }
  CHECK(received == sent);
  pair.dialling.close_notify();
  move_bytes(pair.dialling.outgoing(), pair.listening.incoming());
  CHECK(pair.listening.read(block).outcome == TlsSession::Reading::closed);
}

TEST_CASE("a peer of a foreign authority is refused by name") {
  const Stage stage;
  const TrialPki foreign("Foreign CA");
  auto files = foreign.files(stage.folder, "mallory", foreign.issue("sip:mallory.example"));
  stage.folder.write("mallory.ca", stage.pki.ca().certificate_pem);
  stage.folder.write("mallory.crl", stage.pki.revocation_list());
  const auto report = stage.judge(TrialPki::load(files));
  CHECK(report.failure == HandshakeFailure::unknown_ca);
  CHECK(report.detail.find("Foreign CA") != std::string::npos);
  CHECK(report.detail.find("sip:mallory.example") != std::string::npos);
}

TEST_CASE("a forged authority of the same name is refused") {
  const Stage stage;
  const TrialPki forged;  // the same name, another key
  auto files = forged.files(stage.folder, "mallory", forged.issue("sip:mallory.example"));
  stage.folder.write("mallory.ca", stage.pki.ca().certificate_pem);
  stage.folder.write("mallory.crl", stage.pki.revocation_list());
  CHECK(stage.judge(TrialPki::load(files)).failure == HandshakeFailure::unknown_ca);
}

TEST_CASE("an expired and a not yet valid peer are refused with the date") {
  const Stage stage;
  const auto old = strange_peer(stage.folder, stage.pki, {{"sip:bravo.example"}, -20, -10},
                                test::days_from(test::today(), -15));
  CHECK(stage.judge(old).failure == HandshakeFailure::expired);
  CHECK(stage.judge(old).detail.find("expired on 20") != std::string::npos);
  const auto future = strange_peer(stage.folder, stage.pki, {{"sip:bravo.example"}, 5, 30});
  CHECK(stage.judge(future).failure == HandshakeFailure::not_yet_valid);
}

TEST_CASE("a revoked peer is refused") {
  Stage stage;
  const auto bravo = stage.pki.issue("sip:bravo.example");
  auto files = stage.pki.files(stage.folder, "alpha", stage.pki.issue("sip:alpha.example"));
  stage.folder.write("alpha.crl",
                     stage.pki.revocation_list({stage.pki.issue("sip:x.example"), bravo}));
  stage.alpha = TrialPki::load(files);
  CHECK(stage.judge(stage.pki.load(stage.folder, "bravo", bravo)).failure ==
        HandshakeFailure::revoked);
  const auto charlie =
      stage.pki.load(stage.folder, "charlie", stage.pki.issue("sip:charlie.example"));
  CHECK_FALSE(stage.judge(charlie).failure.has_value());
}

TEST_CASE("a revocation list of another authority is none, and one out of grace is none") {
  Stage stage;
  const TrialPki other("Other CA");
  const auto bravo = stage.pki.load(stage.folder, "bravo", stage.pki.issue("sip:bravo.example"));
  auto files = stage.pki.files(stage.folder, "alpha", stage.pki.issue("sip:alpha.example"));
  SECTION("other authority") {
    stage.folder.write("alpha.crl", other.revocation_list());
    stage.alpha = TrialPki::load(files);
    CHECK(stage.judge(bravo).failure == HandshakeFailure::crl_missing);
  }
  SECTION("same name, not signed by it") {
    stage.folder.write("alpha.crl", TrialPki().revocation_list());
    stage.alpha = TrialPki::load(files);
    CHECK(stage.judge(bravo).failure == HandshakeFailure::crl_missing);
  }
  SECTION("overdue, but within grace") {
    stage.folder.write("alpha.crl", stage.pki.revocation_list({}, -10, -3));
    stage.alpha = TrialPki::load(files);
    CHECK_FALSE(stage.judge(bravo).failure.has_value());
  }
  SECTION("out of grace") {
    stage.folder.write("alpha.crl", stage.pki.revocation_list({}, -30, -8));
    stage.alpha = TrialPki::load(files);
    CHECK(stage.judge(bravo).failure == HandshakeFailure::crl_missing);
  }
  SECTION("optional") {
    files.crl_required = false;
    files.crl.clear();
    stage.alpha = TrialPki::load(files);
    CHECK_FALSE(stage.judge(bravo).failure.has_value());
  }
}

TEST_CASE("the dialling side refuses who is not the partner that it dialled") {
  const Stage stage;
  const auto bravo = stage.pki.load(stage.folder, "bravo", stage.pki.issue("sip:bravo.example"));
  Pair pair{{bravo, TlsRole::dialling, 0, stage.expecting("sip:charlie.example")},
            {stage.alpha, TlsRole::listening, 1, stage.policy}};
  pair.shake_hands();
  CHECK(pair.dialling.report().failure == HandshakeFailure::wrong_san);
  INFO(pair.listening.report().detail);
  CHECK(pair.listening.report().failure == HandshakeFailure::peer_closed);
}

TEST_CASE(
    "while the clock is not trusted, pinned peers are let in at the floor and others are not") {
  Stage stage;
  const auto bravo = stage.pki.load(stage.folder, "bravo", stage.pki.issue("sip:bravo.example"));
  stage.policy.clock_trusted = false;
  stage.policy.judged_at = stage.alpha->clock_floor();
  stage.policy.is_pinned = [](const std::string& identity) {
    return identity == "sip:bravo.example";
  };
  CHECK_FALSE(stage.judge(bravo).failure.has_value());
  const auto charlie =
      stage.pki.load(stage.folder, "charlie", stage.pki.issue("sip:charlie.example"));
  CHECK(stage.judge(charlie).failure == HandshakeFailure::other);
  CHECK(stage.judge(charlie).detail.find("clock is not trusted") != std::string::npos);

  SECTION("what is expired at the floor stays expired") {
    const auto old = strange_peer(stage.folder, stage.pki, {{"sip:bravo.example"}, -20, -10},
                                  test::days_from(test::today(), -15));
    CHECK(stage.judge(old).failure == HandshakeFailure::expired);
  }
  SECTION("a pinned peer's certificate may be newer than the floor") {
    const auto newer = strange_peer(stage.folder, stage.pki, {{"sip:bravo.example"}, 5, 30});
    CHECK_FALSE(stage.judge(newer).failure.has_value());
  }
}

TEST_CASE("a connected peer is judged again by new credentials") {
  const Stage stage;
  const auto bravo_identity = stage.pki.issue("sip:bravo.example");
  const auto report = stage.judge(stage.pki.load(stage.folder, "bravo", bravo_identity));
  REQUIRE_FALSE(report.chain.empty());
  CHECK_FALSE(judge_again(*stage.alpha, 0, TlsRole::listening, stage.policy, report.chain)
                  .failure.has_value());

  auto files = stage.pki.files(stage.folder, "alpha", stage.pki.issue("sip:alpha.example"));
  stage.folder.write("alpha.crl", stage.pki.revocation_list({bravo_identity}));
  const auto fresh = TrialPki::load(files);
  CHECK(judge_again(*fresh, 0, TlsRole::listening, stage.policy, report.chain).failure ==
        HandshakeFailure::revoked);
}

TEST_CASE("rubbish instead of a ClientHello fails, and is no other system's certificate") {
  const Stage stage;
  TlsSession session(stage.alpha, TlsRole::listening, 0, stage.policy);
  session.incoming().append(as_bytes("GET / HTTP/1.1\r\nHost: alpha.example\r\n\r\n"));
  CHECK(session.handshake() == Progress::failed);
  CHECK(session.report().failure == HandshakeFailure::other);
}
