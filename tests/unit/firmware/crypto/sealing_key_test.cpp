// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/sealing_key.h"

#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "firmware/crypto/credentials.h"

namespace bivouac::firmware {
namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "bivouac-key-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    REQUIRE(start_crypto().has_value());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file() const { return path_ + "/sealing.key"; }

 private:
  std::string path_;
};

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("when there is no sealing key then one is made, for us alone, and kept") {
  const Folder folder;
  const auto made = read_sealing_key(folder.file());
  REQUIRE(made.has_value());
  CHECK(made->created);
  CHECK(made->warning.empty());
  CHECK(mode_of(folder.file()) == 0600);
  CHECK_FALSE(std::filesystem::exists(folder.file() + ".new"));
  const auto again = read_sealing_key(folder.file());
  REQUIRE(again.has_value());
  CHECK_FALSE(again->created);
  CHECK(again->key.value == made->key.value);
  CHECK(again->key.value != SealingKey().value);
  const Folder other;
  CHECK(read_sealing_key(other.file())->key.value != made->key.value);
}

TEST_CASE("when others may read the sealing key then the start is refused with the remedy") {
  const Folder folder;
  REQUIRE(read_sealing_key(folder.file()).has_value());
  for (const mode_t mode : {0640U, 0604U, 0660U, 0620U, 0601U}) {
    REQUIRE(::chmod(folder.file().c_str(), mode) == 0);
    const auto refused = read_sealing_key(folder.file());
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().find("chmod 600") != std::string::npos);
    CHECK(refused.error().find(folder.file()) != std::string::npos);
  }
  REQUIRE(::chmod(folder.file().c_str(), 0400) == 0);  // as a supervisor hands credentials over
  CHECK(read_sealing_key(folder.file()).has_value());
}

TEST_CASE("when the file is no sealing key then it is put aside and a new one is made") {
  const Folder folder;
  for (const std::size_t size : {0U, 31U, 33U}) {
    std::ofstream(folder.file()) << std::string(size, 'x');
    REQUIRE(::chmod(folder.file().c_str(), 0600) == 0);
    const auto made = read_sealing_key(folder.file());
    REQUIRE(made.has_value());
    CHECK(made->created);
    CHECK(made->warning.find(".damaged") != std::string::npos);
    CHECK(std::filesystem::file_size(folder.file() + ".damaged") == size);
    CHECK(std::filesystem::file_size(folder.file()) == 32);
  }
}

TEST_CASE("when the sealing key cannot be read or made then that is said") {
  const Folder folder;
  CHECK_FALSE(read_sealing_key(folder.file() + "/none/sealing.key").has_value());
  std::filesystem::create_directory(folder.file());
  CHECK_FALSE(read_sealing_key(folder.file()).has_value());
  std::filesystem::remove(folder.file());
  std::filesystem::create_symlink("/dev/null", folder.file());
  CHECK_FALSE(read_sealing_key(folder.file()).has_value());
}

TEST_CASE("when a power cut left a sealing key unfinished then a new one is made") {
  const Folder folder;
  std::ofstream(folder.file() + ".new") << "half";
  CHECK(read_sealing_key(folder.file())->created);
  CHECK_FALSE(std::filesystem::exists(folder.file() + ".new"));
}

}  // namespace bivouac::firmware
