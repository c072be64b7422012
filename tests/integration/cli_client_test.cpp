// SPDX-License-Identifier: Apache-2.0
// One gateway and the clients of its users, over real sockets, with `bivouac client`.

#include "tests/integration/cli_process.h"

using namespace bivouac::integration;

namespace {

/// Alpha, which listens, with ada, who is a member of fire, and bea, who is not.
class Bench {
 public:
  Bench() : port_(free_port()), config_(place.file("alpha.toml")) {
    place.write("alpha.toml",
                "listen.addresses = [\"127.0.0.1:" + port_ + "\"]\n" + Place::configuration());
    for (const std::string user : {"ada", "bea", "eve"}) {
      REQUIRE(run_program({"pki", "issue", place.file("pki"), "--user",
                           "sip:" + user + "@alpha.example", "--out", user})
                  .code == 0);
    }
    start();
    for (const std::string user : {"ada", "bea"}) {
      place.write(user + ".toml", "mc_service_id = \"sip:" + user +
                                      "@alpha.example\"\nservices = [\"mcptt\"]\n"
                                      "[[group]]\ngroup_id = \"sip:fire@alpha.example\"\n");
      REQUIRE(command({"user", "import", place.file(user + ".toml")}).code == 0);
    }
    REQUIRE(import("ada", 5).code == 0);
  }

  void start() {
    daemon_ = std::make_unique<Daemon>(config_, place.file("alpha.log"));
    REQUIRE(within(std::chrono::seconds(20), [this] { return command({"status"}).code == 0; }));
  }
  void kill() { daemon_->end(SIGKILL); }
  Ran command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", config_});
    return run_program(arguments);
  }
  Ran import(const std::string& member, int priority) const {
    place.write("fire.toml",
                "group_id = \"sip:fire@alpha.example\"\nservices = [\"mcptt\"]\n"
                "group_priority = " +
                    std::to_string(priority) + "\n[[member]]\nmc_service_id = \"sip:" + member +
                    "@alpha.example\"\n");
    return command({"group", "import", place.file("fire.toml")});
  }
  std::vector<std::string> client(const std::string& user,
                                  std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "client");
    arguments.insert(arguments.end(), {"--gateway", "127.0.0.1:" + port_, "--certificate",
                                       place.file("pki/" + user + ".crt"), "--key",
                                       place.file("pki/" + user + ".key"), "--ca",
                                       place.file("pki/ca.crt"), "--timeout", "20"});
    return arguments;
  }
  Ran run(const std::string& user, std::vector<std::string> arguments) const {
    return run_program(client(user, std::move(arguments)));
  }

  const Place place;

 private:
  std::string port_;
  std::string config_;
  std::unique_ptr<Daemon> daemon_;
};

const std::string fire = "sip:fire@alpha.example";

}  // namespace

TEST_CASE("a user's client logs on, gets a group, and is refused what is not the user's") {
  const Bench bench;
  const Ran on = bench.run("ada", {"log-on"});
  CHECK(on.code == 0);
  CHECK(on.output.contains("logged on as sip:ada@alpha.example, client command, for mcptt"));
  const Ran got = bench.run("ada", {"get", fire});
  CHECK(got.code == 0);
  CHECK(got.output.contains("group_priority = 5"));
  const Ran json = bench.run("ada", {"get", fire, "--json", "--as", "sip:ada@ALPHA.example"});
  CHECK(json.code == 0);
  CHECK(json.output.contains("\"stale\": false"));

  const Ran stranger = bench.run("bea", {"get", fire});
  CHECK(stranger.code == 1);
  CHECK(stranger.output.contains("no member of the group"));
  const Ran not_listed = bench.run("ada", {"get", "sip:other@alpha.example"});
  CHECK(not_listed.code == 1);
  CHECK(not_listed.output.contains("not in the user's profile"));
  const Ran nobody = bench.run("eve", {"log-on"});
  CHECK(nobody.code == 1);
  CHECK(nobody.output.contains("closed the connection"));
  const Ran other = bench.run("ada", {"log-on", "--as", "sip:bea@alpha.example"});
  CHECK(other.code == 1);
  CHECK(other.output.contains("A client acts as the user of its certificate only"));
  CHECK(bench.run("ada", {"get", fire, "--system", "sip:bravo.example"}).code == 1);
  CHECK(bench.command({"status"}).output.contains("identity_unknown 1"));
}

TEST_CASE("a client that follows a group hears of changes, through a restart of the gateway") {
  Bench bench;
  const std::string log = bench.place.file("ada.log");
  Daemon phone(bench.client("ada", {"subscribe", fire, "--follow", "--client-id", "phone"}), log,
               Daemon::any_verb);
  const auto says = [&](const std::string& text) {
    return within(std::chrono::seconds(20),
                  [&] { return bench.place.read("ada.log").contains(text); });
  };
  CHECK(says("group_priority = 5"));
  CHECK(bench.command({"user", "show", "sip:ada@alpha.example"})
            .output.contains("  phone  for mcptt"));
  CHECK(bench.command({"status", "--json"}).output.contains("\"client_id\": \"phone\""));
  REQUIRE(bench.import("ada", 6).code == 0);
  CHECK(says("group_priority = 6"));
  bench.kill();
  bench.start();
  REQUIRE(bench.import("ada", 7).code == 0);
  CHECK(says("group_priority = 7"));
  REQUIRE(bench.import("bea", 8).code == 0);
  CHECK(says("is withdrawn: the user is no member of the group"));
  REQUIRE(bench.command({"user", "remove", "sip:ada@alpha.example"}).code == 0);
  CHECK(says("logged off"));
  phone.end(SIGTERM);
}

TEST_CASE("users are listed and shown as they were imported") {
  const Bench bench;
  CHECK(bench.command({"user", "list"})
            .output.contains("sip:ada@alpha.example  (mcptt; 1 group, N2 0)  not logged on"));
  const Ran toml = bench.command({"user", "show", "sip:ada@alpha.example", "--toml"});
  bench.place.write("again.toml", toml.output);
  CHECK(bench.command({"user", "import", bench.place.file("again.toml")}).code == 0);
  CHECK(bench.command({"user", "show", "sip:eve@alpha.example"}).code == 1);
  bench.place.write("foreign.toml",
                    "mc_service_id = \"sip:cy@alpha.example\"\n"
                    "services = [\"mcptt\"]\n[[group]]\n"
                    "group_id = \"sip:fire@alpha.example\"\n"
                    "server = \"sip:bravo.example\"\n");
  const Ran foreign = bench.command({"user", "import", bench.place.file("foreign.toml")});
  CHECK(foreign.code == 1);
  CHECK(foreign.output.contains("profile_foreign_server"));
}
