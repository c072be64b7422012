// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/pki.h"

#include <filesystem>

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "firmware/cli/credentials.h"
#include "firmware/cli/verbs.h"
#include "firmware/config/file.h"
#include "firmware/platform/clock_trust.h"

using namespace bivouac::firmware;
using namespace bivouac::firmware::cli;
namespace fs = std::filesystem;

namespace {

/// A folder that is gone after the test.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("bivouac-pki-test-" + std::to_string(getpid()));
  Folder() { fs::remove_all(path); }
  ~Folder() { fs::remove_all(path); }
};

Command command(const Folder& folder) {
  Command made;
  made.directory = folder.path.string();
  made.days = 30;
  return made;
}

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("what pki issue makes is what a gateway takes") {
  const Folder folder;
  Command made = command(folder);
  REQUIRE(pki_init(made) == exit_good);
  made.system = "sip:alpha.example";
  made.name = "alpha";
  REQUIRE(pki_issue(made) == exit_good);
  CHECK(mode_of(folder.path / "ca.key") == 0600);
  CHECK(mode_of(folder.path / "alpha.key") == 0600);
  CHECK(mode_of(folder.path / "alpha.crt") == 0644);

  Settings settings;
  settings.core.system_id = "sip:alpha.example";
  settings.tls = {(folder.path / "alpha.crt").string(), (folder.path / "alpha.key").string(),
                  (folder.path / "ca.crt").string(), (folder.path / "ca.crl").string(),
                  CrlPolicy::required};
  const auto credentials = load_credentials(settings, wall_now());
  REQUIRE(credentials);
  CHECK((*credentials)->identity() == "sip:alpha.example");

  settings.core.system_id = "sip:bravo.example";
  const auto foreign = load_credentials(settings, wall_now());
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().text.contains("sip:alpha.example, got sip:bravo.example"));
}

TEST_CASE("a key is never replaced") {
  const Folder folder;
  Command made = command(folder);
  REQUIRE(pki_init(made) == exit_good);
  const auto before = read_text_file((folder.path / "ca.key").string(), 10'000);
  CHECK(pki_init(made) == exit_bad);
  CHECK(read_text_file((folder.path / "ca.key").string(), 10'000) == before);
}

TEST_CASE("a certificate that is revoked makes the list longer") {
  const Folder folder;
  Command made = command(folder);
  REQUIRE(pki_init(made) == exit_good);
  made.system = "sip:alpha.example";
  made.name = "alpha";
  REQUIRE(pki_issue(made) == exit_good);
  const auto size = fs::file_size(folder.path / "ca.crl");
  REQUIRE(pki_revoke(made) == exit_good);
  CHECK(fs::file_size(folder.path / "ca.crl") > size);
}

TEST_CASE("a device's request becomes a certificate for the name that it asks for") {
  const Folder folder;
  Command made = command(folder);
  REQUIRE(pki_init(made) == exit_good);
  Command device;
  device.system = "sip:bravo.example";
  device.name = (folder.path / "device").string();
  REQUIRE(pki_request(device) == exit_good);
  CHECK(mode_of(folder.path / "device.key") == 0600);
  made.request = device.name + ".csr";
  made.name = "bravo";
  REQUIRE(pki_issue(made) == exit_good);
  CHECK_FALSE(fs::exists(folder.path / "bravo.key"));
  const auto pem = read_text_file((folder.path / "bravo.crt").string(), 10'000);
  REQUIRE(pem);
  CHECK(pki::uri_of_certificate(*pem) == "sip:bravo.example");
}

TEST_CASE("a day that is none is refused, and so is a missing authority") {
  const Folder folder;
  Command made = command(folder);
  made.not_before = "yesterday";
  CHECK(pki_init(made) == exit_bad);
  made.not_before.clear();
  made.name = "alpha";
  made.system = "sip:alpha.example";
  CHECK(pki_issue(made) == exit_bad);
}
