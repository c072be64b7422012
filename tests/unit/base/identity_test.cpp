// SPDX-License-Identifier: Apache-2.0
#include "core/base/identity.h"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "core/base/limits.h"

using namespace bivouac;

namespace {

using Spellings = std::vector<std::pair<std::string, std::string>>;  // as written, canonical
using Texts = std::vector<std::string>;

const Spellings identities = {
    {"sip:alice@alpha.example", "sip:alice@alpha.example"},
    {"SIP:alice@ALPHA.Example", "sip:alice@alpha.example"},
    {"sip:Alice@alpha.example", "sip:Alice@alpha.example"},
    {"sip:%61lice@alpha.example", "sip:alice@alpha.example"},
    {"sip:%41lice@alpha.example", "sip:Alice@alpha.example"},
    {"sip:fire%2d1@alpha.example", "sip:fire-1@alpha.example"},
    {"sip:fire%20one@alpha.example", "sip:fire%20one@alpha.example"},
    {"sip:a%2fb@alpha.example", "sip:a%2Fb@alpha.example"},
    {"sip:a/b@alpha.example", "sip:a/b@alpha.example"},
    {"sip:a%3bb@alpha.example", "sip:a%3Bb@alpha.example"},
    {"sip:a%40b@alpha.example", "sip:a%40b@alpha.example"},
    {"sip:m%c3%bcller@alpha.example", "sip:m%C3%BCller@alpha.example"},
    {"sip:-_.!~*'()&=+$,/@alpha.example", "sip:-_.!~*'()&=+$,/@alpha.example"},
    {"sip:+49123@alpha.example", "sip:+49123@alpha.example"},
    {"sip:alice@alpha.example:5060", "sip:alice@alpha.example"},
    {"sip:alice@alpha.example:05060", "sip:alice@alpha.example"},
    {"sip:alice@alpha.example:5061", "sip:alice@alpha.example:5061"},
    {"sip:alice@alpha.example:65535", "sip:alice@alpha.example:65535"},
    {"sip:alice@a-b.c1.x", "sip:alice@a-b.c1.x"},
    {"sip:alice@gateway", "sip:alice@gateway"},
    {"sip:alice@192.0.2.1", "sip:alice@192.0.2.1"},
    {"sip:alice@192.0.2.1:5070", "sip:alice@192.0.2.1:5070"},
    {"sip:alice@[2001:DB8::1]", "sip:alice@[2001:db8::1]"},
    {"sip:alice@[2001:0db8:0:0:0:0:0:1]:5060", "sip:alice@[2001:db8::1]"},
    {"sip:alice@[2001:db8:0:1:0:0:0:1]:7", "sip:alice@[2001:db8:0:1::1]:7"},
    {"sip:alice@[2001:0:0:1:0:0:2:3]", "sip:alice@[2001::1:0:0:2:3]"},
    {"sip:alice@[1:0:3:4:5:6:7:8]", "sip:alice@[1:0:3:4:5:6:7:8]"},
    {"sip:alice@[1::3:4:5:6:7:8]", "sip:alice@[1:0:3:4:5:6:7:8]"},
    {"sip:alice@[::]", "sip:alice@[::]"},
    {"sip:alice@[::1]", "sip:alice@[::1]"},
    {"sip:alice@[1::]", "sip:alice@[1::]"},
    {"sip:alice@[::ffff:192.0.2.1]", "sip:alice@[::ffff:c000:201]"},
    {"sip:alice@[1:2:3:4:5:6:1.2.3.4]", "sip:alice@[1:2:3:4:5:6:102:304]"},
    {"tel:+49123456", "tel:+49123456"},
    {"TEL:+49-(123).456", "tel:+49123456"},
};

const Texts malformed_identities = {
    "",
    "sip:",
    "tel:",
    "sip",
    "alice@alpha.example",
    "sips:alice@alpha.example",
    "http://alpha.example/",
    "urn:service:sos",
    // no user
    "sip:alpha.example",
    "sip:@alpha.example",
    // parameters, headers, password
    "sip:alice@alpha.example;user=phone",
    "sip:alice;x@alpha.example",
    "sip:alice@alpha.example?a=b",
    "sip:a?b@alpha.example",
    "sip:alice:secret@alpha.example",
    "tel:+49123;ext=4",
    "tel:+49123;phone-context=+49",
    // users
    "sip:ali ce@alpha.example",
    " sip:alice@alpha.example",
    "sip:alice@alpha.example ",
    "sip:al\tice@alpha.example",
    "sip:alice@alpha.example\n",
    "sip:a@b@alpha.example",
    "sip:a%@alpha.example",
    "sip:a%4@alpha.example",
    "sip:a%4g@alpha.example",
    "sip:a%00b@alpha.example",
    "sip:a%0ab@alpha.example",
    "sip:a%7fb@alpha.example",
    "sip:a%ffb@alpha.example",
    "sip:a%c0%80@alpha.example",
    "sip:a%ed%a0%80@alpha.example",
    "sip:m\xC3\xBCller@alpha.example",
    "sip:a\xFF@alpha.example",
    "sip:a\"b@alpha.example",
    "sip:<a>@alpha.example",
    std::string("sip:a\0b@alpha.example", 21),
    // hosts
    "sip:alice@",
    "sip:alice@.example",
    "sip:alice@alpha..example",
    "sip:alice@alpha.example.",
    "sip:alice@-alpha.example",
    "sip:alice@alpha-.example",
    "sip:alice@alpha.example-",
    "sip:alice@al_pha.example",
    "sip:alice@al%70ha.example",
    "sip:alice@m\xC3\xBCnchen.example",
    "sip:alice@" + std::string(64, 'a') + ".example",
    "sip:alice@1.2.3",
    "sip:alice@1.2.3.256",
    "sip:alice@1.2.3.04",
    "sip:alice@1.2.3.4.5",
    "sip:alice@host.7",
    "sip:alice@[::1",
    "sip:alice@::1",
    "sip:alice@[]",
    "sip:alice@[:]",
    "sip:alice@[:::]",
    "sip:alice@[1:2:3:4:5:6:7]",
    "sip:alice@[1:2:3:4:5:6:7:8:9]",
    "sip:alice@[1::2::3]",
    "sip:alice@[12345::]",
    "sip:alice@[1:2:3:4:5:6:7:8::]",
    "sip:alice@[1:2:3:4::5:6:7:8]",
    "sip:alice@[g::]",
    "sip:alice@[1.2.3.4::]",
    "sip:alice@[::1.2.3]",
    "sip:alice@[fe80::1%25eth0]",
    "sip:alice@[::1]x",
    "sip:alice@[1:]",
    "sip:alice@[:1]",
    // ports
    "sip:alice@alpha.example:",
    "sip:alice@alpha.example:0",
    "sip:alice@alpha.example:65536",
    "sip:alice@alpha.example:123456",
    "sip:alice@alpha.example:5x",
    "sip:alice@alpha.example:-1",
    "sip:alice@alpha.example:1:2",
    "sip:alice@[::1]:",
    // telephones
    "tel:49123",
    "tel:+",
    "tel:+-",
    "tel:+49a",
    "tel:+49 123",
    "tel:++49",
    "tel:+49%31",
    "tel:911",
};

}  // namespace

TEST_CASE("when an identity is spelt in any way then it has one canonical form", "[identity]") {
  for (const auto& [text, canonical] : identities) {
    CAPTURE(text);
    CHECK(canonical_identity(text) == canonical);
    CHECK(canonical_identity(canonical) == canonical);
    CHECK(is_canonical_identity(canonical));
    CHECK(is_canonical_identity(text) == (text == canonical));
  }
}

TEST_CASE("when an identity is malformed then it is refused", "[identity]") {
  for (const std::string& text : malformed_identities) {
    CAPTURE(text);
    CHECK(canonical_identity(text) == refuse(Cause::identity_malformed));
    CHECK_FALSE(is_canonical_identity(text));
  }
}

TEST_CASE("when an identity is as long as allowed then it is taken, and one byte longer refused",
          "[identity]") {
  const std::string host = "@alpha.example";
  const std::string user(limits::identity_bytes_max - host.size() - 4, 'u');
  CHECK(is_canonical_identity("sip:" + user + host));
  CHECK_FALSE(is_canonical_identity("sip:u" + user + host));
  CHECK_FALSE(canonical_identity("sip:u" + user + host));
}

TEST_CASE("when the canonical form would be too long then the identity is refused", "[identity]") {
  // One zero group is written out, so this address grows by a byte.
  const std::string host = "@[1::3:4:5:6:7:8]";
  const std::string user(limits::identity_bytes_max - host.size() - 4, 'u');
  CHECK_FALSE(canonical_identity("sip:" + user + host));
  CHECK(canonical_identity("sip:" + user.substr(1) + host));
}

TEST_CASE("when a system is spelt in any way then it has one canonical form", "[identity]") {
  const Spellings systems = {
      {"sip:alpha.example", "sip:alpha.example"},
      {"SIP:Alpha.EXAMPLE:5060", "sip:alpha.example"},
      {"sip:[2001:DB8:0::1]", "sip:[2001:db8::1]"},
      {"sip:192.0.2.7", "sip:192.0.2.7"},
  };
  for (const auto& [text, canonical] : systems) {
    CAPTURE(text);
    CHECK(canonical_system(text) == canonical);
    CHECK(is_canonical_system(canonical));
    CHECK(is_canonical_system(text) == (text == canonical));
  }
}

TEST_CASE("when a system has a user, a port or parameters then it is refused", "[identity]") {
  const Texts malformed = {"",
                           "alpha.example",
                           "sip:",
                           "sip:alice@alpha.example",
                           "sip:alpha.example:5061",
                           "sip:alpha.example;lr",
                           "tel:+49123",
                           "sip:alpha.example?x=y",
                           "sips:alpha.example",
                           "sip:" + std::string(limits::identity_bytes_max, 'a')};
  for (const std::string& text : malformed) {
    CAPTURE(text);
    CHECK(canonical_system(text) == refuse(Cause::identity_malformed));
    CHECK_FALSE(is_canonical_system(text));
  }
}

TEST_CASE("when a pattern has one star then it stands for any bytes", "[identity]") {
  CHECK(matches("*", "sip:alice@alpha.example"));
  CHECK(matches("sip:*@bravo.example", "sip:alice@bravo.example"));
  CHECK(matches("tel:+49*", "tel:+49123"));
  CHECK(matches("tel:+49*", "tel:+49"));
  CHECK(matches("sip:alice@bravo.example", "sip:alice@bravo.example"));
  CHECK_FALSE(matches("sip:*@bravo.example", "sip:alice@alpha.example"));
  CHECK_FALSE(matches("sip:*@bravo.example", "sip:alice@bravo.example:5061"));
  CHECK_FALSE(matches("tel:+49*", "tel:+4"));
  CHECK_FALSE(matches("ab*ba", "aba"));
  CHECK(matches("ab*ba", "abba"));
}

TEST_CASE("when a pattern is empty or has two stars then it grants nothing", "[identity]") {
  CHECK_FALSE(matches("", ""));
  CHECK_FALSE(matches("", "sip:alice@alpha.example"));
  CHECK_FALSE(matches("sip:*@*", "sip:alice@alpha.example"));
  CHECK_FALSE(matches("**", "sip:alice@alpha.example"));
  CHECK_FALSE(matches_any({}, "sip:alice@alpha.example"));
  CHECK(matches_any({"tel:*", "sip:*"}, "sip:alice@alpha.example"));
}

TEST_CASE("when a text is well-formed UTF-8 without control characters then it is clean",
          "[identity]") {
  const Texts clean = {
      "",         "Fire 1",   "M\xC3\xBCnchen", "\xE2\x82\xAC", "\xF0\x9F\x9A\x92",
      "\xC2\xA0", "\xDF\xBF", "\xE0\xA0\x80",   "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"};
  for (const std::string& text : clean) {
    CAPTURE(text);
    CHECK(is_clean_text(text));
  }
  const Texts unclean = {"a\nb",
                         "\t",
                         "\x1B[31m",
                         "\x7F",
                         std::string("a\0b", 3),
                         "\xC2\x80",
                         "\xC2\x9F",
                         "\x80",
                         "\xBF",
                         "\xC0\x80",
                         "\xC1\xBF",
                         "\xC3",
                         "\xC3(",
                         "\xE2\x82",
                         "\xE2(\xAC",
                         "\xE0\x9F\xBF",
                         "\xED\xA0\x80",
                         "\xED\xBF\xBF",
                         "\xF0\x8F\xBF\xBF",
                         "\xF0\x9F\x9A",
                         "\xF4\x90\x80\x80",
                         "\xF5\x80\x80\x80",
                         "\xFF",
                         "\xFE"};
  for (const std::string& text : unclean) {
    CAPTURE(text);
    CHECK_FALSE(is_clean_text(text));
  }
}
