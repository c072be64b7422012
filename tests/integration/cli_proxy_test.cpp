// SPDX-License-Identifier: Apache-2.0
// Goal: a proxy is a few lines of configuration, and what goes through it arrives, after a restart
// of the proxy as well. Topology: alpha, the home, dials the proxy, and so does bravo. Three
// processes, real sockets, mutual TLS.

#include <optional>

#include "tests/integration/cli_process.h"

using namespace bivouac::integration;

namespace {

const std::string group_id = "sip:fire@alpha.example";

std::string common(const std::string& name, const std::string& listen) {
  return "[system]\nid = \"sip:" + name +
         ".example\"\nclock = \"trusted\"\n[listen]\naddresses = [" + listen +
         "]\n[tls]\ncertificate = \"pki/" + name + ".crt\"\nkey = \"pki/" + name +
         ".key\"\nca = \"pki/ca.crt\"\ncrl = \"pki/ca.crl\"\n[store]\ndata_dir = \"" + name +
         "/data\"\nruntime_dir = \"" + name + "/run\"\n";
}

/// An end, which knows the other end and the proxy to it.
std::string end(const std::string& name, const std::string& other, const std::string& port,
                const std::string& right) {
  return common(name, "") +
         "[[partner]]\nsystem_id = \"sip:proxy.example\"\naddresses = " + "[\"127.0.0.1:" + port +
         "\"]\nspeaks_for = [\"sip:" + other +
         ".example\"]\n[[partner]]\nsystem_id = \"sip:" + other +
         ".example\"\nvia = \"sip:proxy.example\"\nusers = [\"sip:*@" + other +
         ".example\"]\ngroups = [\"sip:*@" + other + ".example\"]\n[partner.rights]\n" + right +
         " = [\"*\"]\n";
}

std::string proxy(const std::string& port) {
  return common("proxy", "\"127.0.0.1:" + port + "\"") +
         "[[partner]]\nsystem_id = \"sip:alpha.example\"\n[partner.rights]\nforward = "
         "[\"sip:bravo.example\"]\n"
         "[[partner]]\nsystem_id = \"sip:bravo.example\"\n[partner.rights]\nforward = "
         "[\"sip:alpha.example\"]\n";
}

}  // namespace

TEST_CASE("a group reaches a partner behind a proxy, and again when the proxy was away") {
  const Place place;
  for (const char* name : {"bravo", "proxy"}) {
    REQUIRE(run_program({"pki", "issue", place.file("pki"), "--system",
                         "sip:" + std::string(name) + ".example", "--out", name})
                .code == 0);
  }
  const std::string port = free_port();
  place.write("alpha.toml", end("alpha", "bravo", port, "receive"));
  place.write("bravo.toml", end("bravo", "alpha", port, "provide"));
  place.write("proxy.toml", proxy(port));
  for (const char* name : {"alpha", "bravo", "proxy"}) {
    const Ran checked = run_program({"check-config", place.file(std::string(name) + ".toml")});
    CHECK(checked.code == 0);
  }
  const auto command = [&](const std::string& system, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", place.file(system + ".toml")});
    return run_program(arguments);
  };
  const auto import = [&](const std::string& name) {
    place.write("fire.toml", "group_id = \"" + group_id + "\"\ndisplay_name = \"" + name +
                                 "\"\nservices = [\"mcptt\"]\n[[member]]\nmc_service_id = "
                                 "\"sip:ben@bravo.example\"\n");
    return command("alpha", {"group", "import", place.file("fire.toml")}).code;
  };
  const auto bravo_shows = [&](const std::string& name) {
    return within(std::chrono::seconds(60), [&] {
      return command("bravo", {"group", "show", group_id}).output.contains(name);
    });
  };

  std::optional<Daemon> between(std::in_place, place.file("proxy.toml"), place.file("proxy.log"));
  const Daemon bravo(place.file("bravo.toml"), place.file("bravo.log"));
  const Daemon alpha(place.file("alpha.toml"), place.file("alpha.log"));
  REQUIRE(within(std::chrono::seconds(30), [&] {
    return command("alpha", {"status"}).output.contains("up    via sip:proxy.example");
  }));
  REQUIRE(import("before") == 0);
  CHECK(bravo_shows("before"));
  CHECK(command("proxy", {"status", "--json"}).output.contains("\"groups_cached\": 0"));
  CHECK_FALSE(command("proxy", {"status", "--json"}).output.contains("\"forwarded_frames\": 0,"));
  CHECK(command("alpha", {"doctor"}).output.contains("is up, reached via sip:proxy.example"));

  between.reset();
  CHECK(within(std::chrono::seconds(10), [&] {
    return command("alpha", {"status"}).output.contains("down  via sip:proxy.example");
  }));
  CHECK(import("after") == 0);
  between.emplace(place.file("proxy.toml"), place.file("proxy.log"));
  CHECK(bravo_shows("after"));
}
