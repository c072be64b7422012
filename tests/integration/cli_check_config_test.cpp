// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/cli_process.h"

using namespace bivouac::integration;

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  text.replace(text.find(what), what.size(), with);
  return text;
}

}  // namespace

TEST_CASE("check-config names each fault with line and column, and ends with 1") {
  const Place place;
  const std::string config = place.file("bad.toml");
  const std::string good = Place::configuration();

  place.write("bad.toml", good);
  CHECK(run_program({"check-config", config}).code == 0);

  const auto refused = [&](const std::string& text, const std::string& expected) {
    place.write("bad.toml", text);
    const Ran ran = run_program({"check-config", config});
    INFO(ran.output);
    CHECK(ran.code == 1);
    CHECK(ran.output.contains(config + expected));
  };
  refused(replaced(good, "data_dir", "data_dri"),
          ":10:1: unknown key data_dri in [store] (did you mean data_dir?)");
  refused(replaced(good, "clock = \"trusted\"", "clock = true"),
          ":3:9: expected a text in quotes for clock, got true");
  refused(replaced(good, "alpha.crt", "beta.crt"),
          ":5:15: expected a readable PEM file for certificate");
  refused(
      good + "[[overlay]]\npartner = \"sip:brvao.example\"\ngroups = \"*\"\n",
      ":16:11: unknown partner \"sip:brvao.example\": expected the system_id of a [[partner]] (did "
      "you mean sip:bravo.example?)");
  refused(replaced(good, "sip:alpha.example", "sip:delta.example"),
          ":2:6: expected the MC system ID that our certificate names, sip:alpha.example");
  refused(replaced(good, "\"pki/alpha.key\"", "\"pki/ca.key\""), ":5:15: ");
}

TEST_CASE("what check-config says of a listen address is what run says") {
  const Place place;
  const std::string good = Place::configuration();
  const auto both_say = [&](const std::string& address, const std::string& expected) {
    place.write("named.toml",
                replaced(good, "[tls]", "[listen]\naddresses = [\"" + address + "\"]\n[tls]"));
    for (const char* verb : {"check-config", "run"}) {
      const std::string config = place.file("named.toml");
      const Ran ran = std::string_view(verb) == "run" ? run_program({"run", "--config", config})
                                                      : run_program({verb, config});
      INFO(verb << ": " << ran.output);
      CHECK(ran.code == 1);
      CHECK(ran.output.contains(config + expected));
    }
  };
  both_say("gateway.example:8443",
           ":5:14: expected an IP address of this box or localhost to listen on");
  both_say("127.0.0.1", ":5:14: expected \"host:port\" or \"[IPv6]:port\"");
}

TEST_CASE("arguments that cannot be used end with 2") {
  CHECK(run_program({"check-config"}).code == 2);
  CHECK(run_program({"statsu"}).code == 2);
  CHECK(run_program({"--help"}).code == 0);
}

TEST_CASE("without a daemon the operator's command says where it looked, and ends with 1") {
  const Place place;
  const Ran ran = run_program({"status", "--config", place.file("alpha.toml")});
  CHECK(ran.code == 1);
  CHECK(ran.output.contains("the daemon does not answer at " + place.file("run/operator.sock")));
}

TEST_CASE("a gateway with a wrong configuration does not start, and says why") {
  const Place place;
  place.write("bad.toml", replaced(Place::configuration(), "id = ", "di = "));
  const Ran ran = run_program({"run", "--config", place.file("bad.toml")});
  CHECK(ran.code == 1);
  CHECK(ran.output.contains("bad.toml:2:1: unknown key di in [system]"));
}
