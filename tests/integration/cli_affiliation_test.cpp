// SPDX-License-Identifier: Apache-2.0
// Two gateways, the users of one of them, and their affiliations to groups of both, over real
// sockets: what clients, operators and logs are told.

#include <map>
#include <memory>

#include "tests/integration/cli_process.h"

using namespace bivouac::integration;

namespace {

const std::string ben = "sip:ben@bravo.example";
const std::string fire = "sip:fire@bravo.example";
const std::string rescue = "sip:rescue@bravo.example";
const std::string sea = "sip:sea@alpha.example";
const std::string shut = "sip:shut@alpha.example";  // disabled

/// Alpha with the groups sea and shut; bravo, which dials it, with users and groups of its own.
class Bench {
 public:
  Bench() : alpha_port_(free_port()), bravo_port_(free_port()) {
    REQUIRE(run_program({"pki", "issue", place.file("pki"), "--system", "sip:bravo.example",
                         "--out", "bravo"})
                .code == 0);
    for (const std::string user : {"ben", "bea", "cem"}) {
      REQUIRE(run_program({"pki", "issue", place.file("pki"), "--user",
                           "sip:" + user + "@bravo.example", "--out", user})
                  .code == 0);
    }
    place.write("alpha.toml", "listen.addresses = [\"127.0.0.1:" + alpha_port_ + "\"]\n" +
                                  Place::configuration() +
                                  "groups = [\"sip:*@bravo.example\"]\n[partner.rights]\n"
                                  "affiliate = [\"sip:*@alpha.example\"]\n");
    place.write(
        "bravo.toml",
        "listen.addresses = [\"127.0.0.1:" + bravo_port_ +
            "\"]\n[system]\nid = \"sip:bravo.example\"\nclock = \"trusted\"\n[tls]\n"
            "certificate = \"pki/bravo.crt\"\nkey = \"pki/bravo.key\"\nca = \"pki/ca.crt\"\n"
            "crl = \"pki/ca.crl\"\n[store]\ndata_dir = \"bravo-data\"\n"
            "runtime_dir = \"bravo-run\"\n[[partner]]\nsystem_id = \"sip:alpha.example\"\n"
            "addresses = [\"127.0.0.1:" +
            alpha_port_ +
            "\"]\nusers = [\"sip:*@alpha.example\"]\ngroups = [\"sip:*@alpha.example\"]\n");
    start("alpha");
    start("bravo");
    import_group("alpha", sea, {ben});
    import_group("alpha", shut, {ben}, "disabled = true\n");
    import_group("bravo", fire, {ben});
    import_group("bravo", rescue, {ben});
    import_group("bravo", "sip:off@bravo.example", {ben}, "disabled = true\n");
    import_group("bravo", "sip:other@bravo.example", {"sip:bea@bravo.example"});
    import_user("cem", "");
    REQUIRE(within(std::chrono::seconds(20), [this] {
      return command("bravo", {"status", "--json"}).output.contains("\"up\": true");
    }));
  }

  void start(const std::string& system) {
    daemons_[system] =
        std::make_unique<Daemon>(place.file(system + ".toml"), place.file(system + ".log"));
    REQUIRE(
        within(std::chrono::seconds(20), [&] { return command(system, {"status"}).code == 0; }));
  }
  void kill(const std::string& system) { daemons_[system]->end(SIGKILL); }
  Ran command(const std::string& system, std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", place.file(system + ".toml")});
    return run_program(arguments);
  }
  void import_group(const std::string& system, const std::string& group,
                    const std::vector<std::string>& members, const std::string& more = "") const {
    std::string text = "group_id = \"" + group + "\"\nservices = [\"mcptt\"]\n" + more;
    for (const std::string& member : members)
      text += "[[member]]\nmc_service_id = \"" + member + "\"\n";
    place.write("group.toml", text);
    REQUIRE(command(system, {"group", "import", place.file("group.toml")}).code == 0);
  }
  /// `more`: what stands before the groups; `implicit`: affiliated to at log-on.
  void import_user(const std::string& user, const std::string& more,
                   const std::string& implicit = "") const {
    std::string text = "mc_service_id = \"sip:" + user +
                       "@bravo.example\"\nservices = [\"mcptt\", \"mcdata\"]\n" + more;
    for (const std::string& group : {fire, rescue, sea, shut, std::string("sip:off@bravo.example"),
                                     std::string("sip:other@bravo.example")}) {
      text += "[[group]]\ngroup_id = \"" + group + "\"\n";
      if (group == implicit) text += "implicit_affiliation = true\n";
    }
    place.write("user.toml", text);
    REQUIRE(command("bravo", {"user", "import", place.file("user.toml")}).code == 0);
  }
  std::vector<std::string> client(const std::string& user,
                                  std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "client");
    arguments.insert(arguments.end(), {"--gateway", "127.0.0.1:" + bravo_port_, "--certificate",
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
  std::string alpha_port_, bravo_port_;
  std::map<std::string, std::unique_ptr<Daemon>> daemons_;
};

/// Ben is affiliated to fire as the client `command`, to sea as `phone`.
class AffiliatedBench : public Bench {
 public:
  AffiliatedBench() {
    import_user("ben", "affiliations_max = 2\n");
    REQUIRE(run("ben", {"affiliate", fire}).code == 0);
    const Ran json = run("ben", {"affiliate", sea, "--json", "--client-id", "phone"});
    REQUIRE(json.code == 0);
    REQUIRE(json.output.contains("\"status\": \"affiliated\""));
  }
};

/// The number that follows the key in the JSON.
bool counts(const Ran& ran, const std::string& key, int count) {
  return ran.output.contains("\"" + key + "\": " + std::to_string(count));
}

}  // namespace

TEST_CASE("a list of groups is answered group by group, and operators of both systems see it") {
  Bench bench;
  bench.import_user("ben", "affiliations_max = 2\n");
  const Ran asked =
      bench.run("ben", {"affiliate", fire, "sip:off@bravo.example", "sip:other@bravo.example", shut,
                        sea, "sip:none@bravo.example", fire, rescue});
  CHECK(asked.code == 1);
  // shut counts until its home has refused it: sea is one too many.
  for (const std::string& line :
       {fire + ": affiliated for mcptt\n", std::string("(group_disabled)\n"),
        std::string("sip:other@bravo.example: rejected, the user is no member"),
        shut + ": rejected, the group is disabled", sea + ": rejected, the user is affiliated to",
        std::string("(not_in_profile)\n"), std::string("(group_duplicate)\n"),
        rescue + ": rejected, the user is affiliated to as many groups as may be (N2)"}) {
    INFO(line << " in\n" << asked.output);
    CHECK(asked.output.contains(line));
  }
  // What is refused is in the status of the system that refused it, and of the user's.
  CHECK(bench.command("bravo", {"status"}).output.contains("1 not_in_profile"));
  CHECK(bench.command("bravo", {"status"}).output.contains("1 group_duplicate"));
  CHECK(counts(bench.command("alpha", {"status", "--json"}), "group_disabled", 1));
}

TEST_CASE("operators of both systems list and show affiliations, whose and since when") {
  const AffiliatedBench bench;
  const Ran list = bench.command("bravo", {"affiliation", "list"});
  CHECK(list.code == 0);
  CHECK(list.output.contains(ben + "  " + fire +
                             "  affiliated for mcptt, client command; wanted by user; changed 20"));
  CHECK(list.output.contains(ben + "  " + sea +
                             " (of sip:alpha.example)  affiliated for mcptt, client phone"));
  const Ran show = bench.command("bravo", {"affiliation", "show", ben});
  CHECK(show.code == 0);
  CHECK(show.output.contains("of this system, affiliated to 2 of 2 groups (N2)"));
  CHECK(show.output.contains("UTC by " + ben));
  const Ran json = bench.command("bravo", {"affiliation", "show", ben, "--json"});
  CHECK(counts(json, "affiliations_max", 2));
  CHECK(counts(json, "groups", 2));
  CHECK(json.output.contains("\"group_home\": \"sip:alpha.example\""));
  CHECK(bench.command("bravo", {"affiliation", "list", "--group", rescue}).output ==
        "no affiliations\n");
  const Ran nobody = bench.command("bravo", {"affiliation", "show", "sip:no@bravo.example"});
  CHECK(nobody.code == 1);
  CHECK(nobody.output.contains("(user_unknown)"));
  const Ran no_group =
      bench.command("bravo", {"affiliation", "list", "--group", "sip:no@bravo.example"});
  CHECK(no_group.code == 1);
  CHECK(no_group.output.contains("(group_unknown)"));

  CHECK(bench.command("alpha", {"affiliation", "list", "--user", ben})
            .output.contains(ben + " (of sip:bravo.example)  " + sea + "  affiliated for mcptt"));
  CHECK(counts(bench.command("alpha", {"status", "--json"}), "users_hosted", 1));
  const Ran status = bench.command("bravo", {"status", "--json"});
  CHECK(counts(status, "affiliated", 2));
  CHECK(counts(status, "affiliating", 0));
  CHECK(counts(status, "users_hosted", 0));
  CHECK(bench.command("bravo", {"status"})
            .output.contains("affiliation 2 affiliated; 0 users of partners"));
}

TEST_CASE("logs of both systems say who affiliated whom, and users see and end what they have") {
  const AffiliatedBench bench;
  CHECK(bench.place.read("bravo.log")
            .contains("<6>affiliated user=" + ben + " group=" + fire + " client=command by=" + ben +
                      " ground=request services=mcptt\n"));
  CHECK(bench.place.read("bravo.log")
            .contains("<6>affiliated user=" + ben + " group=" + sea +
                      " client=phone by=sip:alpha.example ground=answer services=mcptt\n"));
  CHECK(bench.place.read("alpha.log")
            .contains("<6>affiliated user=" + ben + " group=" + sea +
                      " client=phone by=sip:bravo.example ground=partner services=mcptt\n"));

  SECTION("those who have the right see another user's affiliations") {
    bench.import_user("bea", "request_affiliated_groups = true\n");
    const Ran seen = bench.run("bea", {"status", "--of", ben});
    CHECK(seen.code == 0);
    CHECK(seen.output.contains(fire + ": affiliated for mcptt, client command"));
    const Ran refused = bench.run("cem", {"status", "--of", ben});
    CHECK(refused.code == 1);
    CHECK(refused.output.contains("(not_authorised)"));
    CHECK(bench.run("ben", {"status"}).output.contains(sea + ": affiliated for mcptt"));
  }
  SECTION("leaving is for one client, or for all of the user's") {
    const Ran not_mine = bench.run("ben", {"deaffiliate", sea});
    CHECK(not_mine.code == 0);
    CHECK(not_mine.output == sea + ": not_affiliated\n");
    const Ran all = bench.run("ben", {"deaffiliate", sea, fire, "--all-clients"});
    CHECK(all.code == 0);
    CHECK(all.output == sea + ": deaffiliated\n" + fire + ": deaffiliated\n");
    CHECK(bench.command("bravo", {"affiliation", "list"}).output == "no affiliations\n");
    CHECK(bench.command("alpha", {"affiliation", "list"}).output == "no affiliations\n");
    CHECK(bench.place.read("alpha.log").contains("<6>deaffiliated user=" + ben));
  }
}

TEST_CASE("a client that listens is told what becomes of affiliations that wait for their home") {
  Bench bench;
  bench.import_user("ben", "affiliations_max = 8\n", fire);
  Daemon phone(bench.client("ben", {"listen", "--client-id", "phone"}),
               bench.place.file("phone.log"), Daemon::any_verb);
  const auto says = [&](const std::string& text) {
    const bool said = within(std::chrono::seconds(60),
                             [&] { return bench.place.read("phone.log").contains(text); });
    INFO(text << " in\n" << bench.place.read("phone.log"));
    CHECK(said);
  };
  says(fire + ": affiliated for mcptt, client phone\n");
  bench.kill("alpha");
  REQUIRE(within(std::chrono::seconds(20), [&] {
    return bench.command("bravo", {"status", "--json"}).output.contains("\"up\": false");
  }));
  const Ran queued = bench.run("ben", {"affiliate", sea, shut, "--client-id", "radio"});
  CHECK(queued.code == 0);
  CHECK(queued.output.contains(sea + ": affiliating, the MC system cannot be reached now"));
  says(sea + ": affiliating, client radio");
  const Ran pending = bench.command("bravo", {"affiliation", "list", "--pending"});
  CHECK(pending.output.contains(sea + " (of sip:alpha.example)  affiliating"));
  CHECK_FALSE(pending.output.contains(fire));
  CHECK(counts(bench.command("bravo", {"status", "--json"}), "affiliating", 2));

  bench.start("alpha");
  says(sea + ": affiliated for mcptt, client radio\n");
  says(shut + ": deaffiliated, the group is disabled (group_disabled)\n");
  CHECK(bench.command("bravo", {"affiliation", "list", "--pending"}).output ==
        "nothing is pending\n");
  CHECK(bench.place.read("bravo.log").contains("<6>deaffiliated user=" + ben + " group=" + shut));

  bench.import_group("bravo", fire, {"sip:bea@bravo.example"});
  says(fire + ": deaffiliated, the user is no member of the group (not_a_member)\n");
  CHECK(bench.place.read("bravo.log")
            .contains("<6>deaffiliated user=" + ben + " group=" + fire +
                      " client=phone ground=policy cause=not_a_member"));
  phone.end(SIGTERM);
}
