// SPDX-License-Identifier: Apache-2.0
// What an operator does to a gateway that runs: SIGHUP, doctor, watch.

#include "tests/integration/cli_process.h"

using namespace bivouac::integration;

namespace {

bool answers(const std::string& config) {
  return run_program({"status", "--config", config}).code == 0;
}

const std::string charlie = "[[partner]]\nsystem_id = \"sip:charlie.example\"\n";

}  // namespace

TEST_CASE("SIGHUP takes new partners, and a file with a fault changes nothing") {
  const Place place;
  const std::string config = place.file("alpha.toml");
  const Daemon daemon(config, place.file("alpha.log"));
  REQUIRE(within(std::chrono::seconds(20), [&] { return answers(config); }));
  const auto knows_charlie = [&] {
    return run_program({"status", "--config", config}).output.contains("sip:charlie.example");
  };
  CHECK_FALSE(knows_charlie());

  place.write("alpha.toml", Place::configuration() + charlie + "colour = 1\n");
  daemon.signal(SIGHUP);
  CHECK(within(std::chrono::seconds(10), [&] {
    return place.read("alpha.log").contains("unknown key colour in [[partner]]");
  }));
  CHECK_FALSE(knows_charlie());

  place.write("alpha.toml", Place::configuration() + charlie);
  daemon.signal(SIGHUP);
  CHECK(within(std::chrono::seconds(10), knows_charlie));
}

TEST_CASE("doctor finds a partner that cannot be reached, and says how far it came") {
  const Place place;
  place.write("alpha.toml", Place::configuration() + charlie + "addresses = [\"127.0.0.1:9\"]\n");
  const Ran ran = run_program({"doctor", "--config", place.file("alpha.toml")});
  INFO(ran.output);
  CHECK(ran.code == 1);
  CHECK(ran.output.contains("good certificate: sip:alpha.example"));
  CHECK(ran.output.contains("good store: write and sync"));
  CHECK(ran.output.contains("note daemon: not running"));
  CHECK(ran.output.contains("BAD  sip:charlie.example at 127.0.0.1:9: TCP: refused"));
}

TEST_CASE("doctor resolves names, and says clearly when one does not resolve") {
  const Place place;
  place.write("alpha.toml", Place::configuration() + charlie +
                                "addresses = [\"localhost:9\", \"nobody-is-here.invalid:8443\"]\n");
  const Ran ran = run_program({"doctor", "--config", place.file("alpha.toml")});
  INFO(ran.output);
  CHECK(ran.code == 1);
  CHECK(ran.output.contains("good sip:charlie.example at localhost:9: name: localhost is "));
  CHECK(ran.output.contains("127.0.0.1"));
  CHECK(ran.output.contains("BAD  sip:charlie.example at localhost:9: TCP: "));
  CHECK(ran.output.contains("127.0.0.1:9: refused"));
  CHECK(
      ran.output.contains("BAD  sip:charlie.example at nobody-is-here.invalid:8443: name: "
                          "nobody-is-here.invalid does not resolve ("));
}

TEST_CASE("doctor goes through the handshake, and says which side is refused") {
  const Place place;
  const std::string pki = place.file("pki");
  REQUIRE(
      run_program({"pki", "issue", pki, "--system", "sip:bravo.example", "--out", "bravo"}).code ==
      0);
  std::string listening = Place::configuration();
  const std::string port = free_port();
  const std::string addresses = "addresses = [\"127.0.0.1:" + port + "\"]\n";
  listening.insert(listening.find("[store]"), "[listen]\n" + addresses);
  place.write("alpha.toml", listening);
  const std::string config = place.file("alpha.toml");
  const Daemon daemon(config, place.file("alpha.log"));
  REQUIRE(within(std::chrono::seconds(20), [&] { return answers(config); }));

  const auto examine = [&](const std::string& certificate, const std::string& reached_at) {
    place.write(
        "bravo.toml",
        "[system]\nid = \"sip:bravo.example\"\nclock = \"trusted\"\n[tls]\ncertificate = \"pki/" +
            certificate + ".crt\"\nkey = \"pki/" + certificate +
            ".key\"\nca = \"pki/ca.crt\"\ncrl = \"pki/ca.crl\"\n[store]\ndata_dir = \"b\"\n"
            "runtime_dir = \"b\"\n[[partner]]\nsystem_id = \"sip:alpha.example\"\n" +
            reached_at);
    return run_program({"doctor", "--config", place.file("bravo.toml")});
  };
  const Ran good = examine("bravo", addresses);
  INFO(good.output);
  CHECK(good.code == 0);
  CHECK(good.output.contains("TLS: TLSv1.3 with sip:alpha.example"));
  const Ran by_name = examine("bravo", "addresses = [\"localhost:" + port + "\"]\n");
  INFO(by_name.output);
  CHECK(by_name.code == 0);
  CHECK(by_name.output.contains("TCP: connected to 127.0.0.1:" + port));
  CHECK(by_name.output.contains("TLS: TLSv1.3 with sip:alpha.example"));

  REQUIRE(run_program({"pki", "issue", pki, "--system", "sip:bravo.example", "--out", "old",
                       "--not-before", "2025-07-01", "--days", "3"})
              .code == 0);
  const Ran expired = examine("old", addresses);
  INFO(expired.output);
  CHECK(expired.code == 1);
  CHECK(expired.output.contains("expired on 2025-07-04"));

  REQUIRE(run_program({"pki", "revoke", pki, "bravo"}).code == 0);
  daemon.signal(SIGHUP);
  Ran revoked;
  CHECK(within(std::chrono::seconds(20), [&] {
    revoked = examine("bravo", addresses);
    return revoked.code == 1;
  }));
  INFO(revoked.output);
  CHECK(revoked.output.contains("TLS: the other side does not want us"));
  CHECK(run_program({"status", "--json", "--config", config}).output.contains("\"revoked\": 1"));
}

TEST_CASE("watch prints each step with its clause") {
  const Place place;
  const std::string config = place.file("alpha.toml");
  const Daemon daemon(config, place.file("alpha.log"));
  REQUIRE(within(std::chrono::seconds(20), [&] { return answers(config); }));
  const Daemon watch({"watch", "--config", config}, place.file("watch.txt"), Daemon::any_verb);
  // An equal import changes nothing and is not told: each try until the watch is there is another.
  int priority = 0;
  CHECK(within(std::chrono::seconds(30), [&] {
    place.write("fire.toml",
                "group_id = \"sip:fire@alpha.example\"\nservices = [\"mcptt\"]\ngroup_priority = " +
                    std::to_string(++priority) + "\n");
    REQUIRE(run_program({"group", "import", place.file("fire.toml"), "--config", config}).code ==
            0);
    return place.read("watch.txt").contains("group_stored");
  }));
  INFO(place.read("watch.txt"));
  CHECK(place.read("watch.txt").contains("sip:fire@alpha.example"));
}
