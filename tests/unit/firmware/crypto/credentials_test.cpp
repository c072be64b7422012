// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/credentials.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/trial_pki.h"

using namespace bivouac;
using namespace bivouac::firmware;
using bivouac::test::Folder;
using bivouac::test::TrialPki;
using bivouac::test::Wish;

namespace {

/// File and text of what load() complains of.
CredentialProblem refused(const CredentialFiles& files) {
  const auto loaded = Credentials::load(files, test::today());
  REQUIRE_FALSE(loaded.has_value());
  return loaded.error();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("good files are loaded and tell the identity in canonical form") {
  const Folder folder;
  const TrialPki pki;
  const auto credentials = pki.load(folder, "alpha", pki.issue("SIP:Alpha.Example"));
  CHECK(credentials->identity() == "sip:alpha.example");
  CHECK(credentials->expires() > test::today());
}

TEST_CASE("a certificate of a client on P-384 is as good") {
  const Folder folder;
  const TrialPki pki;
  Wish wish{{"sip:carol@alpha.example"}};
  wish.curve = pki::Curve::p384;
  CHECK(pki.load(folder, "carol", pki.issue(wish))->identity() == "sip:carol@alpha.example");
}

TEST_CASE("the clock floor is the newest of own start and revocation list") {
  const Folder folder;
  const TrialPki pki;
  auto files = pki.files(folder, "alpha", pki.issue(Wish{{"sip:alpha.example"}, -20, 30}));
  folder.write("alpha.crl", pki.revocation_list({}, -3, 5));
  const auto floor = TrialPki::load(files)->clock_floor();
  CHECK(floor > test::days_from(test::today(), -4));
  CHECK(floor < test::days_from(test::today(), -2));
}

TEST_CASE("at 1970 credentials load, since the floor comes from the files themselves") {
  const Folder folder;
  const TrialPki pki;
  CHECK(Credentials::load(pki.files(folder, "alpha", pki.issue("sip:alpha.example")), WallMs{0})
            .has_value());
}

TEST_CASE("a file that is missing, not PEM or damaged is named") {
  const Folder folder;
  const TrialPki pki;
  auto files = pki.files(folder, "alpha", pki.issue("sip:alpha.example"));
  SECTION("missing") {
    files.ca = folder.path() + "/nowhere";
    CHECK(refused(files).file == files.ca);
    CHECK(has(refused(files).text, "No such file"));
  }
  SECTION("not PEM") {
    folder.write("alpha.crt", "hello");
    CHECK(refused(files).file == files.certificate);
    CHECK(has(refused(files).text, "not PEM"));
  }
  SECTION("damaged") {
    folder.write("alpha.crl", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n");
    CHECK(refused(files).file == files.crl);
    CHECK(has(refused(files).text, "cannot parse the revocation list"));
  }
}

TEST_CASE("a key that others may read, or that belongs to another certificate, is refused") {
  const Folder folder;
  const TrialPki pki;
  const auto files = pki.files(folder, "alpha", pki.issue("sip:alpha.example"));
  SECTION("mode") {
    folder.write("alpha.key", pki.issue("sip:alpha.example").key_pem, 0640);
    CHECK(refused(files).file == files.key);
    CHECK(has(refused(files).text, "mode 640"));
  }
  SECTION("pair") {
    folder.write("alpha.key", pki.issue("sip:alpha.example").key_pem);
    CHECK(refused(files).file == files.key);
    CHECK(has(refused(files).text, "does not belong"));
  }
}

TEST_CASE("an own certificate without URI, with two, without a purpose, or expired is refused") {
  const Folder folder;
  const TrialPki pki;
  const auto with = [&](const Wish& wish) {
    return refused(pki.files(folder, "a", pki.issue(wish))).text;
  };
  CHECK(has(with(Wish{{}}), "no URI"));
  CHECK(has(with(Wish{{"sip:a.example", "sip:b.example"}}), "more than one URI"));
  CHECK(has(with(Wish{{"https://a.example"}}), "neither"));
  CHECK(has(with(Wish{{"sip:a.example"}, -1, 30, false, true}), "lacks clientAuth"));
  CHECK(has(with(Wish{{"sip:a.example"}, -1, 30, true, false}), "lacks serverAuth"));
  CHECK(has(with(Wish{{"sip:a.example"}, -20, -10}), "expired on 20"));
}

TEST_CASE("a revocation list is required unless it is made optional") {
  const Folder folder;
  const TrialPki pki;
  auto files = pki.files(folder, "alpha", pki.issue("sip:alpha.example"));
  files.crl.clear();
  CHECK(has(refused(files).text, "one is required"));
  files.crl_required = false;
  CHECK(Credentials::load(files, test::today()).has_value());
}

TEST_CASE("an authority that may not sign certificates is refused") {
  const Folder folder;
  const TrialPki pki;
  const auto own = pki.issue("sip:alpha.example");
  const auto files = pki.files(folder, "alpha", own);
  folder.write("alpha.ca", own.certificate_pem);
  CHECK(has(refused(files).text, "not the certificate of an authority"));
}

TEST_CASE("an own certificate near its end is a warning, not an error") {
  const Folder folder;
  const TrialPki pki;
  const auto credentials = pki.load(folder, "alpha", pki.issue(Wish{{"sip:alpha.example"}, -1, 6}));
  REQUIRE(credentials->warnings(test::today()).size() == 1);
  CHECK(has(credentials->warnings(test::today())[0], "in 5 days"));
  CHECK(credentials->warnings(test::days_from(test::today(), -40)).empty());
}

TEST_CASE("a signing request is certified with what the authority decides") {
  const Folder folder;
  const TrialPki pki;
  const auto made = firmware::pki::create_request({"sip:delta.example", "delta"});
  REQUIRE(made.has_value());
  CHECK(*firmware::pki::uri_of_request(made->request_pem) == "sip:delta.example");
  const auto certificate = firmware::pki::certify(pki.ca(), made->request_pem,
                                                  {{"sip:delta.example"},
                                                   "delta",
                                                   test::days_from(test::today(), -1),
                                                   test::days_from(test::today(), 10)});
  REQUIRE(certificate.has_value());
  CHECK(*firmware::pki::uri_of_certificate(*certificate) == "sip:delta.example");
  CHECK(pki.load(folder, "delta", {*certificate, made->key_pem})->identity() ==
        "sip:delta.example");
}

TEST_CASE("a signing request that was tampered with is refused") {
  const TrialPki pki;
  auto made = *firmware::pki::create_request({"sip:delta.example", "delta"});
  std::string& text = made.request_pem;
  const std::size_t at = text.size() - 60;  // inside the signature
  text[at] = text[at] == 'A' ? 'B' : 'A';
  CHECK_FALSE(firmware::pki::certify(pki.ca(), text,
                                     {{"sip:delta.example"}, "delta", test::today(), test::today()})
                  .has_value());
}
