// SPDX-License-Identifier: Apache-2.0
// Goal: key material is in the memory of who serves it and nowhere else; when it is gone, it is
// gone there as well. Method: envelopes that are a marker; the memory of the running processes, all
// their files and all that they said are searched for it.

#include <algorithm>
#include <map>
#include <optional>

#include "tests/integration/cli_process.h"

using namespace bivouac::integration;

namespace {

const std::string group_id = "sip:fire@alpha.example";
const std::string for_ada = "ada-MARKER-7f3a9c51e8d2460b95ac1";
const std::string for_ben = "ben-MARKER-c04be1795d83fa26710fd";

#ifdef __has_feature
constexpr bool is_sanitized = __has_feature(address_sanitizer);
#else
constexpr bool is_sanitized = false;
#endif

std::string hex(const std::string& text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

/// How often the text is in memory of the process that can be read; none: we may not look.
std::optional<std::size_t> count_in_memory(pid_t pid, const std::string& text) {
  const std::string process = "/proc/" + std::to_string(pid);
  const int memory = open((process + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (memory < 0) return std::nullopt;
  std::ifstream maps(process + "/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) {
    unsigned long from = 0;
    unsigned long to = 0;
    char access = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %c", &from, &to, &access) != 3 || access != 'r')
      continue;
    std::string bytes(to - from, '\0');
    const ssize_t read = pread(memory, bytes.data(), bytes.size(), static_cast<off_t>(from));
    if (read <= 0) continue;  // such as [vvar]
    bytes.resize(static_cast<std::size_t>(read));
    for (std::size_t at = 0; (at = bytes.find(text, at)) != std::string::npos; ++at) ++count;
  }
  close(memory);
  return count;
}

bool is_in_files(const std::filesystem::path& folder, const std::string& text) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(stream),
                              std::istreambuf_iterator<char>()};
    if (content.contains(text)) return true;
  }
  return false;
}

/// alpha, the home, and bravo, which subscribes; debug logs.
class Systems {
 public:
  explicit Systems(const Place& place) : place_(place) {
    const std::string port = free_port();
    configure("alpha", "bravo", "\"127.0.0.1:" + port + '"', "");
    configure("bravo", "alpha", "", "\"127.0.0.1:" + port + '"');
    start("alpha");
    start("bravo");
    REQUIRE(within(std::chrono::seconds(20), [&] {
      return run("bravo", {"status", "--json"}).output.contains("\"up\": true");
    }));
  }
  void start(const std::string& system) {
    daemons_.erase(system);
    daemons_.try_emplace(system, place_.file(system + ".toml"), place_.file(system + ".log"));
  }
  Ran run(const std::string& system, std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", place_.file(system + ".toml")});
    return run_program(arguments);
  }
  pid_t pid(const std::string& system) const { return daemons_.at(system).pid(); }
  int end(const std::string& system, int signal) { return daemons_.at(system).end(signal); }
  /// The key file is the operator's, and gone before anybody searches.
  void import_keys() const {
    std::string text;
    for (const auto& [user, marker] : {std::pair{"sip:ada@alpha.example", for_ada},
                                       std::pair{"sip:ben@bravo.example", for_ben}}) {
      text += "[[envelope]]\nrecipient = \"" + std::string(user) + "\"\ngmk_id = 7\nhex = \"" +
              hex(marker) + "\"\n";
    }
    place_.write("keys.toml", text);
    const Ran imported =
        run("alpha", {"group", "keys", "import", group_id, place_.file("keys.toml")});
    CAPTURE(imported.output);
    REQUIRE(imported.code == 0);
    CHECK_FALSE(imported.output.contains("MARKER"));
    std::filesystem::remove(place_.file("keys.toml"));
  }
  /// Tells nothing of when the last copy was wiped: a frame may be under way still.
  bool forgets(const std::string& system, const std::string& marker) const {
    return within(std::chrono::seconds(20),
                  [&] { return count_in_memory(pid(system), marker) == 0U; });
  }

 private:
  void configure(const std::string& name, const std::string& other, const std::string& listen,
                 const std::string& dial) const {
    std::string text = "[system]\nid = \"sip:" + name + ".example\"\nclock = \"trusted\"\n";
    text += "[listen]\naddresses = [" + listen + "]\n[tls]\ncertificate = \"pki/" + name +
            ".crt\"\nkey = \"pki/" + name + ".key\"\nca = \"pki/ca.crt\"\ncrl = \"pki/ca.crl\"\n";
    text += "[log]\nlevel = \"debug\"\n[store]\ndata_dir = \"" + name +
            "/data\"\nruntime_dir = \"" + name + "/run\"\nsealing_key = \"" + name + ".key\"\n";
    text += "[[partner]]\nsystem_id = \"sip:" + other + ".example\"\naddresses = [" + dial +
            "]\nusers = [\"sip:*@" + other + ".example\"]\ngroups = [\"sip:*@" + other +
            ".example\"]\nsubscribe_to = [\"*\"]\n[partner.rights]\nprovide = [\"*\"]\n"
            "receive = [\"*\"]\nsubscribe = [\"*\"]\n";
    place_.write(name + ".toml", text);
  }

  const Place& place_;
  std::map<std::string, Daemon> daemons_;
};

}  // namespace

TEST_CASE("key material is in no file and no log, and gone from memory with its group") {
  if (is_sanitized) {
    SKIP("the sanitizer keeps what was freed, and maps terabytes");
  }
  const Place place;
  REQUIRE(run_program({"pki", "issue", place.file("pki"), "--system", "sip:bravo.example", "--out",
                       "bravo"})
              .code == 0);
  Systems systems(place);
  if (!count_in_memory(systems.pid("alpha"), "x")) {
    SKIP("only root may read the memory of a process that is not dumpable");
  }
  place.write("fire.toml", "group_id = \"" + group_id +
                               "\"\nservices = [\"mcptt\"]\n"
                               "[[member]]\nmc_service_id = \"sip:ada@alpha.example\"\n"
                               "[[member]]\nmc_service_id = \"sip:ben@bravo.example\"\n");
  REQUIRE(systems.run("alpha", {"group", "import", place.file("fire.toml")}).code == 0);
  systems.import_keys();
  const Ran list = systems.run("alpha", {"group", "keys", "list", group_id});
  CHECK(list.output.contains("sip:ben@bravo.example  GMK 0x00000007, 32 B, does not expire"));
  CHECK_FALSE(list.output.contains("MARKER"));
  CHECK(count_in_memory(systems.pid("alpha"), for_ada) == 1U);
  CHECK(within(std::chrono::seconds(20),
               [&] { return count_in_memory(systems.pid("alpha"), for_ben) == 1U; }));
  // Its own user's envelope reaches the subscriber, and no other.
  CHECK(within(std::chrono::seconds(20),
               [&] { return count_in_memory(systems.pid("bravo"), for_ben) == 1U; }));
  CHECK(count_in_memory(systems.pid("bravo"), for_ada) == 0U);

  SECTION("it is read again by a start that has the sealing key") {
    REQUIRE(systems.end("alpha", SIGKILL) != 0);
    systems.start("alpha");
    REQUIRE(within(std::chrono::seconds(20), [&] {
      return systems.run("alpha", {"group", "keys", "list", group_id}).output.contains("GMK");
    }));
    CHECK(count_in_memory(systems.pid("alpha"), for_ada) == 1U);
  }
  SECTION("a start without it goes on, and says what is lost") {
    REQUIRE(systems.end("alpha", SIGTERM) == 0);
    std::filesystem::remove(place.file("alpha.key"));
    systems.start("alpha");
    REQUIRE(within(std::chrono::seconds(20), [&] {
      return systems.run("alpha", {"group", "keys", "list", group_id}).output.contains("was lost");
    }));
    CHECK(systems.run("alpha", {"status"}).output.contains("the key material of 1 groups"));
    systems.import_keys();
    CHECK(systems.run("alpha", {"group", "keys", "list", group_id}).output.contains("GMK"));
  }
  SECTION("it is removed") {
    REQUIRE(systems.run("alpha", {"group", "keys", "remove", group_id, "--gmk", "7"}).code == 0);
    CHECK(systems.forgets("alpha", for_ada));
  }
  REQUIRE(systems.run("alpha", {"group", "remove", group_id}).code == 0);
  for (const char* system : {"alpha", "bravo"}) {
    INFO(system);
    CHECK(systems.forgets(system, for_ada));
    CHECK(systems.forgets(system, for_ben));
  }
  for (const char* system : {"alpha", "bravo"}) CHECK(systems.end(system, SIGTERM) == 0);
  CHECK_FALSE(is_in_files(place.path, "MARKER"));
  CHECK(is_in_files(place.path, group_id));  // the search finds what is there
}

TEST_CASE("a gateway does not start with a sealing key that others may read") {
  const Place place;
  place.write("sealing.key", std::string(32, 'k'));
  std::filesystem::permissions(place.file("sealing.key"), std::filesystem::perms(0640));
  std::string configuration = Place::configuration();
  configuration.replace(configuration.find("runtime_dir"), 0, "sealing_key = \"sealing.key\"\n");
  place.write("alpha.toml", configuration);
  const Ran ran = run_program({"run", "--config", place.file("alpha.toml")});
  CHECK(ran.code == 1);
  CHECK(ran.output.contains("chmod 600"));
}
