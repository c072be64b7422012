// SPDX-License-Identifier: Apache-2.0
// Goal: what was cut in the middle of a frame arrives whole with the next session, and once.
// Topology: alpha, the home, dials bravo through a wire that counts what alpha sends and cuts
// itself there, once. Two processes, real sockets, mutual TLS.

#include <optional>
#include <string_view>

#include "tests/integration/cli_process.h"

using namespace bivouac::integration;

namespace {

constexpr int member_count = 1'000;
const std::string group_id = "sip:fire@alpha.example";

std::string member(int number) { return "sip:user-" + std::to_string(number) + "@bravo.example"; }

std::string group_file() {
  std::string text = "group_id = \"" + group_id + "\"\nservices = [\"mcptt\"]\n";
  for (int i = 0; i < member_count; ++i)
    text += "[[member]]\nmc_service_id = \"" + member(i) + "\"\n";
  return text;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

/// Both MC systems and the wire between them, from new stores.
class Systems {
 public:
  /// `cut_after` bytes of alpha's; below 0: never.
  Systems(const Place& place, long cut_after) : place_(place) {
    for (const char* old : {"alpha", "bravo", "alpha.log", "bravo.log", "wire.txt"})
      std::filesystem::remove_all(place.file(old));
    const std::string port = free_port();
    wire_.emplace(BIVOUAC_CUTTER, wire_arguments(port, cut_after), place.file("wire.txt"));
    REQUIRE(
        within(std::chrono::seconds(10), [&] { return place.read("wire.txt").contains('\n'); }));
    const std::string wire = place.read("wire.txt");
    configure("alpha", "bravo", "", "\"127.0.0.1:" + wire.substr(0, wire.find('\n')) + '"',
              "receive = [\"sip:*@alpha.example\"]\n");
    configure("bravo", "alpha", "\"127.0.0.1:" + port + '"', "",
              "provide = [\"sip:*@alpha.example\"]\n");
    bravo_.emplace(place.file("bravo.toml"), place.file("bravo.log"));
    alpha_.emplace(place.file("alpha.toml"), place.file("alpha.log"));
    REQUIRE(within(std::chrono::seconds(20),
                   [&] { return says("alpha", {"status", "--json"}, "\"up\": true"); }));
  }

  Ran command(const std::string& system, std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", place_.file(system + ".toml")});
    return run_program(arguments);
  }
  bool says(const std::string& system, const std::vector<std::string>& arguments,
            const std::string& text) const {
    return command(system, arguments).output.contains(text);
  }
  void import() const {
    place_.write("fire.toml", group_file());
    REQUIRE(command("alpha", {"group", "import", place_.file("fire.toml")}).code == 0);
  }
  bool bravo_has_it() const {
    return says("bravo", {"group", "show", group_id, "--json"}, "\"exposed_revision\": 1");
  }
  std::size_t stored_at_bravo() const {
    return count_of(place_.read("bravo.log"), "group_stored ");
  }
  void heal() const { wire_->signal(SIGUSR2); }
  /// Ends the wire; what alpha has sent over it.
  long passed() {
    REQUIRE(wire_->end(SIGTERM) == 0);
    const std::string said = place_.read("wire.txt");
    return std::stol(said.substr(said.find('\n') + 1));
  }

 private:
  static std::vector<std::string> wire_arguments(const std::string& port, long cut_after) {
    std::vector<std::string> arguments = {"0", port};
    if (cut_after >= 0) arguments.insert(arguments.end(), {"--after", std::to_string(cut_after)});
    return arguments;
  }
  void configure(const std::string& name, const std::string& other, const std::string& listen,
                 const std::string& dial, const std::string& rights) const {
    place_.write(
        name + ".toml",
        "[system]\nid = \"sip:" + name + ".example\"\nclock = \"trusted\"\n[listen]\n" +
            "addresses = [" + listen + "]\n[tls]\ncertificate = \"pki/" + name +
            ".crt\"\nkey = \"pki/" + name + ".key\"\nca = \"pki/ca.crt\"\n" +
            "crl = \"pki/ca.crl\"\n[store]\ndata_dir = \"" + name + "/data\"\nruntime_dir = \"" +
            name + "/run\"\n[[partner]]\nsystem_id = " + "\"sip:" + other +
            ".example\"\naddresses = [" + dial + "]\nusers = " + "[\"sip:*@" + other +
            ".example\"]\ngroups = [\"sip:*@" + other + ".example\"]\n[partner.rights]\n" + rights);
  }

  const Place& place_;
  std::optional<Daemon> wire_;
  std::optional<Daemon> bravo_;
  std::optional<Daemon> alpha_;
};

}  // namespace

TEST_CASE("a group of 1000 members that is cut inside its frame arrives whole, and once") {
  const Place place;
  REQUIRE(run_program({"pki", "issue", place.file("pki"), "--system", "sip:bravo.example", "--out",
                       "bravo"})
              .code == 0);
  const long before = Systems(place, -1).passed();
  Systems whole(place, -1);
  whole.import();
  REQUIRE(within(std::chrono::seconds(20), [&] { return whole.bravo_has_it(); }));
  const long frame = whole.passed() - before;
  REQUIRE(frame > member_count * 20);

  for (const long percent : {2, 10, 33, 50, 75, 98}) {
    INFO("cut after " << percent << " % of a frame of about " << frame << " bytes");
    const Systems systems(place, before + frame * percent / 100);
    systems.import();
    REQUIRE(within(std::chrono::seconds(20),
                   [&] { return systems.says("bravo", {"status", "--json"}, "\"up\": false"); }));
    CHECK(systems.stored_at_bravo() == 0);
    CHECK_FALSE(systems.bravo_has_it());
    CHECK(systems.says("alpha", {"group", "show", group_id, "--json"}, "\"pending\": true"));

    systems.heal();
    REQUIRE(within(std::chrono::seconds(60), [&] { return systems.bravo_has_it(); }));
    CHECK(within(std::chrono::seconds(10), [&] {
      return systems.says("alpha", {"group", "show", group_id, "--json"},
                          "\"acknowledged_revision\": 1");
    }));
    const std::string shown =
        systems.command("bravo", {"group", "show", group_id, "--toml"}).output;
    for (int i = 0; i < member_count; ++i) REQUIRE(count_of(shown, '"' + member(i) + '"') == 1);
    CHECK(count_of(shown, "mc_service_id") == member_count);
    CHECK(systems.stored_at_bravo() == 1);
  }
}
