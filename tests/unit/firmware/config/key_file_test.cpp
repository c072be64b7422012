// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/key_file.h"

#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

#include "core/base/limits.h"

using namespace bivouac;
using namespace bivouac::firmware;

namespace {

std::string messages(const KeyResult& result) {
  std::string all;
  for (const Problem& problem : result.problems) all += to_string(problem) + '\n';
  return all;
}

std::string envelope(const std::string& rest) {
  return "[[envelope]]\nrecipient = \"sip:ben@bravo.example\"\n" + rest;
}

void check_refused(const std::string& text, const std::string& why) {
  const KeyResult result = parse_keys(text, "keys.toml");
  CAPTURE(text, messages(result));
  CHECK_FALSE(result.ok);
  CHECK(messages(result).find(why) != std::string::npos);
}

}  // namespace

TEST_CASE("the key file that we hand out is read without a word") {
  const KeyResult result = read_keys("firmware/config/example_keys.toml");
  CHECK(messages(result).empty());
  REQUIRE(result.ok);
  REQUIRE(result.envelopes.size() == 2);
  CHECK(result.envelopes[0].recipient == "sip:ada@alpha.example");
  CHECK(result.envelopes[0].bytes == Bytes{'E', 'x', 'a', 'm', 'p', 'l', 'e'});
  CHECK(result.envelopes[0].expiry_wall_ms == 0);
  CHECK(result.envelopes[1].gmk == GmkId{0x01234567});
  CHECK(result.envelopes[1].expiry_wall_ms == 1'801'396'800'000);
  const ByteView words = as_bytes("Example of a MIKEY message");
  CHECK(result.envelopes[1].bytes == Bytes(words.begin(), words.end()));
}

TEST_CASE("envelopes may lie in files of their own, beside the key file") {
  std::string folder = (std::filesystem::temp_directory_path() / "bivouac-keys-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  std::ofstream(folder + "/ben.mikey") << std::string("\0\x01\xFF", 3);
  std::ofstream(folder + "/keys.toml") << envelope("gmk_id = 1\nfile = \"ben.mikey\"\n");
  const KeyResult result = read_keys(folder + "/keys.toml");
  CAPTURE(messages(result));
  REQUIRE(result.ok);
  CHECK(result.envelopes[0].bytes == Bytes{0, 1, 0xFF});
  std::ofstream(folder + "/keys.toml") << envelope("gmk_id = 1\nfile = \"none\"\n");
  CHECK_FALSE(read_keys(folder + "/keys.toml").ok);
  std::filesystem::remove_all(folder);
}

TEST_CASE("what is wrong with a key file is said, and nothing of what is in it") {
  check_refused("", "envelope");
  check_refused("[[envelope]]\ngmk_id = 1\nhex = \"00\"\n", "recipient");
  check_refused("[[envelope]]\nrecipient = \"ben\"\ngmk_id = 1\nhex = \"00\"\n", "keys.toml:2:");
  check_refused(envelope("hex = \"00\"\n"), "gmk_id");
  check_refused(envelope("gmk_id = 0\nhex = \"00\"\n"), "other than 0");
  check_refused(envelope("gmk_id = 4294967296\nhex = \"00\"\n"), "keys.toml:3:");
  check_refused(envelope("gmk_id = 1\n"), "exactly one of");
  check_refused(envelope("gmk_id = 1\nhex = \"00\"\nbase64 = \"AA==\"\n"), "exactly one of");
  check_refused(envelope("gmk_id = 1\nhex = \"\"\n"), "1 to 4096 bytes, got 0");
  check_refused(envelope("gmk_id = 1\nhex = \"00\"\nexpires = \"soon\"\n"), "2027-01-31");
  check_refused(envelope("gmk_id = 1\nhex = \"00\"\nexpires = \"2027-02-30T00:00:00Z\"\n"),
                "2027-01-31");
  check_refused(envelope("gmk_id = 1\nhex = \"00\"\nexpiry = \"x\"\n"), "expires");
  check_refused(envelope("gmk_id = 1\nhex = \"00\"\n") + envelope("gmk_id = 1\nhex = \"01\"\n"),
                "already in line");
  check_refused(envelope("gmk_id = 1\nhex = \"" +
                         std::string(2 * limits::key_envelope_bytes_max + 2, 'a') + "\"\n"),
                "got 4097");
  for (const std::string wrong :
       {"hex = \"5ec\"", "hex = \"5ecrets0\"", "base64 = \"5ecrets\"", "base64 = \"5ecret!=\"",
        "base64 = \"5ec=ret=\"", "base64 = \"5ecreR==\""}) {
    check_refused(envelope("gmk_id = 1\n" + wrong + "\n"), "keys.toml:4:");
    CHECK(messages(parse_keys(envelope("gmk_id = 1\n" + wrong + "\n"), "keys.toml")).find("5ec") ==
          std::string::npos);
  }
}
