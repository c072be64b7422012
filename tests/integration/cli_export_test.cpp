// SPDX-License-Identifier: Apache-2.0
// A gateway moves to a spare board: export, restore, and what runs where afterwards.

#include "tests/integration/cli_process.h"

using namespace bivouac::integration;

namespace {

const std::string fire = "sip:fire@alpha.example";
const std::string ben = "sip:ben@alpha.example";

bool answers(const std::string& config) {
  return within(std::chrono::seconds(20),
                [&] { return run_program({"status", "--config", config}).code == 0; });
}

/// A group, and its one member.
void define(const Place& place, const std::string& config) {
  place.write("fire.toml", "group_id = \"" + fire +
                               "\"\nservices = [\"mcptt\"]\n[[member]]\nmc_service_id = \"" + ben +
                               "\"\n");
  place.write("ben.toml", "mc_service_id = \"" + ben +
                              "\"\nservices = [\"mcptt\"]\naffiliations_max = 1\n"
                              "[[group]]\ngroup_id = \"" +
                              fire + "\"\n");
  const std::string group = place.file("fire.toml");
  const std::string user = place.file("ben.toml");
  REQUIRE(run_program({"group", "import", group, "--config", config}).code == 0);
  REQUIRE(run_program({"user", "import", user, "--config", config}).code == 0);
}

Ran ben_affiliates(const Place& place, const std::string& port) {
  REQUIRE(run_program({"pki", "issue", place.file("pki"), "--user", ben, "--out", "ben"}).code ==
          0);
  return run_program({"client", "affiliate", fire, "--gateway", "127.0.0.1:" + port,
                      "--certificate", place.file("pki/ben.crt"), "--key",
                      place.file("pki/ben.key"), "--ca", place.file("pki/ca.crt")});
}

}  // namespace

TEST_CASE("what a gateway knew is served by the spare board, and by it alone") {
  const Place place;
  const std::string port = free_port();
  place.write("alpha.toml",
              "listen.addresses = [\"127.0.0.1:" + port + "\"]\n" + Place::configuration());
  const std::string config = place.file("alpha.toml");
  const std::string spare = place.file("spare");
  {
    Daemon daemon(config, place.file("alpha.log"));
    REQUIRE(answers(config));
    define(place, config);
    REQUIRE(ben_affiliates(place, port).code == 0);
    const Ran early = run_program({"export", "--config", config, "--out", spare});
    CHECK(early.code == 1);
    CHECK(early.output.contains("stop it first"));
    CHECK(daemon.end(SIGKILL) != 0);  // what it committed last is in the write-ahead log
  }
  REQUIRE(run_program({"export", "--config", config, "--out", spare}).code == 0);
  const Ran again = run_program({"run", "--config", config});
  CHECK(again.code == 1);
  CHECK(again.output.contains("lives on elsewhere"));

  REQUIRE(run_program({"restore", spare}).code == 0);
  const std::string moved = place.file("spare/gateway.toml");
  Daemon daemon(moved, place.file("spare.log"));
  REQUIRE(answers(moved));
  const Ran shown = run_program({"group", "show", fire, "--json", "--config", moved});
  CHECK(shown.output.contains("\"version\": 1"));
  CHECK(run_program({"affiliation", "list", "--config", moved})
            .output.contains(ben + "  " + fire + "  affiliated for mcptt"));
  CHECK(run_program({"restore", spare}).code == 1);  // it runs
  CHECK(daemon.end(SIGTERM) == 0);
  CHECK(run_program({"restore", spare}).output.contains("a gateway of its own"));
}
