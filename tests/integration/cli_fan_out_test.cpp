// SPDX-License-Identifier: Apache-2.0
// Goal: one home keeps a hundred gateways up to date over real sockets. Topology: alpha, the home,
// and a hundred gateways that dial it and subscribe to all of its groups; a process each, mutual
// TLS on loopback. Pass: every gateway acknowledges the change of a group, and alpha answers others
// meanwhile.

#include <cstdio>
#include <deque>

#include "tests/integration/cli_process.h"

using namespace bivouac::integration;

namespace {

constexpr std::size_t gateways = 100;
const std::string group_id = "sip:fire@alpha.example";

std::string gateway(std::size_t i) { return "g" + std::to_string(100 + i); }

std::string common(const std::string& name, const std::string& listen) {
  return "[system]\nid = \"sip:" + name +
         ".example\"\nclock = \"trusted\"\n[listen]\naddresses = [" + listen +
         "]\n[tls]\ncertificate = \"pki/" + name + ".crt\"\nkey = \"pki/" + name +
         ".key\"\nca = \"pki/ca.crt\"\ncrl = \"pki/ca.crl\"\n[store]\ndata_dir = \"" + name +
         "/data\"\nruntime_dir = \"" + name + "/run\"\n";
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size())
    ++count;
  return count;
}

/// The home and its gateways, all running, all of them subscribed.
class Field {
 public:
  Field() {
    const std::string port = free_port();
    std::string home = common("alpha", "\"127.0.0.1:" + port + '"');
    for (std::size_t i = 0; i < gateways; ++i) {
      const std::string name = gateway(i);
      const Ran issued = run_program({"pki", "issue", place.file("pki"), "--system",
                                      "sip:" + name + ".example", "--out", name});
      REQUIRE(issued.code == 0);
      home += "[[partner]]\nsystem_id = \"sip:" + name + ".example\"\nusers = [\"sip:*@" + name +
              ".example\"]\n[partner.rights]\nsubscribe = [\"*\"]\nrequest = [\"*\"]\n";
      place.write(name + ".toml", common(name, "") +
                                      "[[partner]]\nsystem_id = \"sip:alpha.example\"\n"
                                      "addresses = [\"127.0.0.1:" +
                                      port +
                                      "\"]\ngroups = [\"sip:*@alpha.example\"]\n"
                                      "subscribe_to = [\"*\"]\n");
    }
    place.write("alpha.toml", home);
    start("alpha");
    for (std::size_t i = 0; i < gateways; ++i) start(gateway(i));
  }
  Ran run(const std::string& system, std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", place.file(system + ".toml")});
    return run_program(arguments);
  }
  int import(int priority) const {
    place.write("fire.toml", "group_id = \"" + group_id +
                                 "\"\nservices = [\"mcptt\"]\ngroup_priority = " +
                                 std::to_string(priority) + "\n");
    return run("alpha", {"group", "import", place.file("fire.toml")}).code;
  }
  /// How many of them have acknowledged this revision, as alpha knows.
  std::size_t acknowledged(int revision) const {
    return count(run("alpha", {"group", "show", group_id, "--json"}).output,
                 "\"acknowledged_revision\": " + std::to_string(revision));
  }

  const Place place;

 private:
  void start(const std::string& name) {
    daemons_.emplace_back(place.file(name + ".toml"), place.file(name + ".log"));
  }
  std::deque<Daemon> daemons_;
};

}  // namespace

TEST_CASE("a change reaches a hundred gateways, and others are served meanwhile") {
  const Field field;
  REQUIRE(within(std::chrono::seconds(120), [&] {
    return count(field.run("alpha", {"status", "--json"}).output, "\"up\": true") == gateways;
  }));
  REQUIRE(field.import(1) == 0);
  for (std::size_t i = 0; i < gateways; ++i) {
    INFO(gateway(i));
    CHECK(field.run(gateway(i), {"group", "fetch", group_id}).code == 0);
  }
  REQUIRE(within(std::chrono::seconds(60), [&] {
    return count(field.run("alpha", {"subscription", "list", "--json"}).output, group_id) ==
           gateways;
  }));
  REQUIRE(field.import(2) == 0);
  CHECK(field.run("alpha", {"group", "list"}).output.contains(group_id));
  CHECK(within(std::chrono::seconds(60), [&] { return field.acknowledged(2) == gateways; }));
  for (const std::size_t i : {std::size_t{0}, gateways / 2, gateways - 1}) {
    CHECK(field.run(gateway(i), {"group", "show", group_id}).output.contains("group_priority = 2"));
  }
}
