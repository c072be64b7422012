// SPDX-License-Identifier: Apache-2.0
// A gateway moves to a spare board: export, restore, and what runs where afterwards.

#include "tests/integration/cli_process.h"

using namespace bivouac::integration;

namespace {

bool answers(const std::string& config) {
  return within(std::chrono::seconds(20),
                [&] { return run_program({"status", "--config", config}).code == 0; });
}

}  // namespace

TEST_CASE("what a gateway knew is served by the spare board, and by it alone") {
  const Place place;
  const std::string config = place.file("alpha.toml");
  const std::string spare = place.file("spare");
  {
    Daemon daemon(config, place.file("alpha.log"));
    REQUIRE(answers(config));
    place.write("fire.toml",
                "group_id = \"sip:fire@alpha.example\"\nservices = [\"mcptt\"]\n"
                "[[member]]\nmc_service_id = \"sip:ben@bravo.example\"\n");
    const std::string fire = place.file("fire.toml");
    REQUIRE(run_program({"group", "import", fire, "--config", config}).code == 0);
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
  const Ran shown =
      run_program({"group", "show", "sip:fire@alpha.example", "--json", "--config", moved});
  CHECK(shown.output.contains("\"version\": 1"));
  CHECK(run_program({"restore", spare}).code == 1);  // it runs
  CHECK(daemon.end(SIGTERM) == 0);
  CHECK(run_program({"restore", spare}).output.contains("a gateway of its own"));
}
