// SPDX-License-Identifier: Apache-2.0
// bivouac export and restore: files from one board to a spare one, and what is refused.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

#include "firmware/cli/export_folder.h"
#include "firmware/cli/verbs.h"
#include "firmware/store/files.h"
#include "firmware/store/layout.h"

using namespace bivouac::firmware;
using namespace bivouac::firmware::cli;
namespace fs = std::filesystem;

namespace {

const ExportDescription example = {
    "sip:bravo.example",
    {{"pki/bravo.key", {1704, 0xdeadbeef}}, {"store/store.db", {4096, 0x0000001f}}}};

std::string with(const std::string& line) {
  return "bivouac export 1\nsystem sip:bravo.example\n" + line + "\nend\n";
}

/// Two boards, each a folder: old/ has a gateway, spare/ is where its export is carried to.
struct Boards {
  fs::path path = fs::temp_directory_path() / ("bivouac-export-test-" + std::to_string(getpid()));

  Boards() {
    fs::remove_all(path);
    for (const char* file : {"bravo.crt", "bravo.key", "ca.crt", "ca.crl"})
      write(std::string("old/pki/") + file, std::string("the file ") + file);
    write("old/gateway.toml", configuration("sip:bravo.example"));
    write("old/data/store.db", "database");
    write("old/data/store.db-wal", "what was written last");
    write("old/data/sealing.key", "0123456789abcdef0123456789abcdef");
  }
  ~Boards() { fs::remove_all(path); }
  Boards(const Boards&) = delete;
  Boards& operator=(const Boards&) = delete;

  static std::string configuration(const std::string& system_id) {
    return "[system]\nid = \"" + system_id +
           "\"\nclock = \"trusted\"\n[tls]\ncertificate = \"pki/bravo.crt\"\n"
           "key = \"pki/bravo.key\"\nca = \"pki/ca.crt\"\ncrl = \"pki/ca.crl\"\n"
           "[store]\ndata_dir = \"data\"\nruntime_dir = \"run\"\n"
           "[[partner]]\nsystem_id = \"sip:alpha.example\"\n";
  }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream stream(path / name);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }
  bool has(const std::string& name) const { return fs::exists(path / name); }

  int export_to(const std::string& folder, const std::string& from = "old") const {
    Command command;
    command.config = (path / from / "gateway.toml").string();
    command.directory = (path / folder).string();
    return export_gateway(command);
  }
  int restore(const std::string& folder) const {
    Command command;
    command.directory = (path / folder).string();
    return restore_gateway(command);
  }
};

}  // namespace

TEST_CASE("the description of an export is read as it was written") {
  const auto found = parse_export_description(to_text(example));
  REQUIRE(found);
  CHECK(found->system_id == example.system_id);
  REQUIRE(found->files.size() == 2);
  CHECK(found->files[0].path == "pki/bravo.key");
  CHECK(found->files[0].facts == example.files[0].facts);
  CHECK(found->files[1].facts == example.files[1].facts);
}

TEST_CASE("a description that is cut off anywhere is refused") {
  const std::string text = to_text(example);
  for (std::size_t length = 0; length + 1 < text.size(); ++length) {
    INFO(length);
    CHECK_FALSE(parse_export_description(text.substr(0, length)));
  }
}

TEST_CASE("a description that is not ours, or leads out of its folder, is refused") {
  CHECK(parse_export_description(with("file 1 0000001f store/store.db")));
  for (const char* line :
       {"file 1 0000001f ../store.db", "file 1 0000001f /etc/passwd", "file 1 0000001f pki/../../x",
        "file 1 0000001f ", "file x 0000001f a", "file 1 xyz a", "file 1 a", "system sip:a.example",
        "file 1 0000001f a\nfile 2 0000001f a"}) {
    INFO(line);
    CHECK_FALSE(parse_export_description(with(line)));
  }
  CHECK(parse_export_description("bivouac export 2\nsystem sip:a.example\nend\n")
            .error()
            .contains("this version"));
}

TEST_CASE("identity and store move to a spare board, and the board that they left knows") {
  const Boards boards;
  REQUIRE(boards.export_to("spare") == exit_good);
  CHECK(boards.has("old/data/store.db.moved"));
  for (const char* file : {"gateway.toml", "pki/bravo.key", "pki/ca.crl"})
    CHECK(boards.read(std::string("spare/") + file) == boards.read(std::string("old/") + file));
  CHECK_FALSE(boards.has("spare.part"));

  REQUIRE(boards.restore("spare") == exit_good);
  for (const char* file : {"store.db", "store.db-wal", "sealing.key"}) {
    CHECK(boards.read(std::string("spare/data/") + file) ==
          boards.read(std::string("old/data/") + file));
    const fs::perms mode = fs::status(boards.path / "spare/data" / file).permissions();
    CHECK((mode & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
  }
  CHECK_FALSE(boards.has("spare/data/store.db.moved"));
  CHECK(boards.restore("spare") == exit_good);  // a second time changes nothing
  CHECK(boards.read("spare/data/store.db") == "database");
}

TEST_CASE("a gateway may move back to the board that it left") {
  const Boards boards;
  REQUIRE(boards.export_to("spare") == exit_good);
  REQUIRE(boards.restore("spare") == exit_good);
  boards.write("spare/data/store.db", "database with more");
  fs::remove(boards.path / "spare/data/store.db-wal");
  REQUIRE(boards.export_to("back", "spare") == exit_good);
  fs::copy(boards.path / "back", boards.path / "old",
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  REQUIRE(boards.restore("old") == exit_good);
  CHECK(boards.read("old/data/store.db") == "database with more");
  CHECK_FALSE(boards.has("old/data/store.db-wal"));
  CHECK_FALSE(boards.has("old/data/store.db.moved"));
}

TEST_CASE("an export that cannot be is refused, and the gateway stays where it is") {
  const Boards boards;
  const std::string store = (boards.path / "old/data/store.db").string();
  SECTION("the folder exists") { fs::create_directories(boards.path / "spare"); }
  SECTION("there is no store") { fs::remove(store); }
  SECTION("the gateway runs") { REQUIRE(posix_files().lock(layout::lock(store))); }
  SECTION("the configuration has an error") {
    boards.write("old/gateway.toml", boards.read("old/gateway.toml") + "[nonsense]\n");
  }
  SECTION("a file is not beside the configuration") {
    boards.write("elsewhere.key", "key");
    std::string text = boards.read("old/gateway.toml");
    text.replace(text.find("pki/bravo.key"), 13, "../elsewhere.key");
    boards.write("old/gateway.toml", text);
  }
  CHECK(boards.export_to("spare") == exit_bad);
  CHECK_FALSE(boards.has("spare/bivouac.export"));
  CHECK_FALSE(boards.has("old/data/store.db.moved"));
  posix_files().unlock(layout::lock(store));
}

TEST_CASE("a gateway that moved away is not exported a second time") {
  const Boards boards;
  REQUIRE(boards.export_to("spare") == exit_good);
  CHECK(boards.export_to("another") == exit_bad);
  CHECK_FALSE(boards.has("another"));
  CHECK(boards.has("old/data/store.db.moved"));
}

TEST_CASE("an export that was cut off is made anew") {
  const Boards boards;
  boards.write("spare.part/store/store.db", "half a data");
  boards.write("old/data/store.db.moved", "2026-11-21\n");
  CHECK(boards.export_to("spare/") == exit_good);
  CHECK(boards.read("spare/store/store.db") == "database");
  CHECK_FALSE(boards.has("spare/.part"));
  CHECK_FALSE(boards.has("spare.part"));
}

TEST_CASE("a restore that cannot be is refused, and nothing is changed") {
  const Boards boards;
  REQUIRE(boards.export_to("spare") == exit_good);
  bool had_store = false;
  SECTION("no export") { fs::remove(boards.path / "spare/bivouac.export"); }
  SECTION("a file is damaged") { boards.write("spare/store/store.db", "datebase"); }
  SECTION("a file is cut off") { boards.write("spare/store/store.db-wal", "what was"); }
  SECTION("a file is missing") { fs::remove(boards.path / "spare/store/sealing.key"); }
  SECTION("the configuration is of another system") {
    boards.write("spare/gateway.toml", Boards::configuration("sip:charlie.example"));
  }
  SECTION("the configuration has an error") { boards.write("spare/gateway.toml", "[system]\n"); }
  SECTION("the board has a store of its own") {
    boards.write("spare/data/store.db", "another");
    had_store = true;
  }
  SECTION("the gateway has run here since") {
    REQUIRE(boards.restore("spare") == exit_good);
    boards.write("spare/data/store.db-wal", "what was written since");
    had_store = true;
  }
  SECTION("the board has a key of its own") { boards.write("spare/data/sealing.key", "mine"); }
  const std::string before = boards.read("spare/data/store.db");
  const std::string log_before = boards.read("spare/data/store.db-wal");
  CHECK(boards.restore("spare") == exit_bad);
  CHECK(boards.has("spare/data/store.db") == had_store);
  CHECK(boards.read("spare/data/store.db") == before);
  CHECK(boards.read("spare/data/store.db-wal") == log_before);
}

TEST_CASE("a restore that was cut off goes on") {
  const Boards boards;
  REQUIRE(boards.export_to("spare") == exit_good);
  boards.write("spare/data/sealing.key", boards.read("old/data/sealing.key"));
  boards.write("spare/data/store.db-wal", boards.read("old/data/store.db-wal"));
  boards.write("spare/data/store.db.restored", "data");
  REQUIRE(boards.restore("spare") == exit_good);
  CHECK(boards.read("spare/data/store.db") == "database");
  CHECK_FALSE(boards.has("spare/data/store.db.restored"));
}
