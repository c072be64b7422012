// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/settings.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;
using namespace bivouac::firmware;

namespace {

const std::string good = R"([system]
id = "sip:bravo.example"
[tls]
certificate = "pki/bravo.crt"
key = "pki/bravo.key"
ca = "pki/ca.crt"
crl = "pki/ca.crl"
[listen]
addresses = ["127.0.0.1:8443"]
)";

SettingsResult parse(const std::string& text) {
  return parse_settings(text, "etc/gateway.toml", FileChecks::no);
}

std::string messages(const SettingsResult& result) {
  std::string all;
  for (const Problem& problem : result.problems) all += to_string(problem) + '\n';
  return all;
}

std::string line_of(const std::string& text, std::string_view part) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(text.find(part));
  return std::to_string(1 + std::count(text.begin(), end, '\n'));
}

}  // namespace

TEST_CASE("the example file that we hand out is read without a word") {
  SettingsResult result = read_settings("firmware/config/example.toml");
  // Only its certificates are missing here.
  for (const Problem& problem : result.problems) {
    CHECK(problem.text.starts_with("expected a readable PEM file"));
  }
  CHECK(result.problems.size() == 4);
  const Settings& settings = result.settings;
  CHECK(settings.core.system_id == "sip:bravo.example");
  CHECK(settings.listen.size() == 2);
  CHECK(settings.listen[1].host == "::");
  CHECK(settings.tls.certificate == "firmware/config/pki/bravo.crt");
  CHECK(settings.reserve_bytes == 4U << 20);
  REQUIRE(settings.core.partners.size() == 4);
  const engine::Partner& alpha = settings.core.partners[0];
  CHECK(alpha.system_id == "sip:alpha.example");
  CHECK(alpha.addresses == std::vector<std::string>{"alpha.example:8443"});
  CHECK(alpha.rights.provide == std::vector<std::string>{"sip:*@alpha.example"});
  CHECK(alpha.exposure.hide_members_of_others);
  CHECK(alpha.exposure.drop_services == Services::of(Service::mcvideo));
  REQUIRE(alpha.overlays.size() == 1);
  CHECK(alpha.overlays[0].group_priority == 7);
  CHECK(alpha.overlays[0].alias == "Fire, city");
  CHECK(alpha.overlays[0].permitted_area->corners.size() == 4);
  const engine::Partner& charlie = settings.core.partners[1];
  CHECK(charlie.rights.provide.empty());
  REQUIRE(charlie.overlays.size() == 1);
  CHECK(charlie.overlays[0].permitted_area->centre == AreaPoint{5000, 5000});
  const engine::Partner& delta = settings.core.partners[2];
  CHECK(delta.via == "sip:proxy.example");
  CHECK(settings.core.neighbour(delta.system_id) == nullptr);
  CHECK(settings.core.next_hop(delta.system_id) == &settings.core.partners[3]);
  CHECK(settings.core.partners[3].speaks_for == std::vector<std::string>{"sip:delta.example"});
}

TEST_CASE("a proxy is configured by what its neighbours may send through it") {
  const SettingsResult result = parse(good + R"(
[[partner]]
system_id = "sip:alpha.example"
speaks_for = ["sip:*.Alpha.example", "*"]
[partner.rights]
forward = ["sip:Delta.example"]
)");
  CHECK(messages(result).empty());
  REQUIRE(result.ok);
  const engine::Partner& alpha = result.settings.core.partners[0];
  CHECK(alpha.speaks_for == std::vector<std::string>{"sip:*.alpha.example", "*"});
  CHECK(alpha.rights.forward == std::vector<std::string>{"sip:delta.example"});
  CHECK(result.settings.core.next_hop("sip:one.alpha.example") == &alpha);
}

TEST_CASE("a partner behind a proxy that cannot work is refused at its via") {
  const std::string proxy = R"(
[[partner]]
system_id = "sip:proxy.example"
speaks_for = ["sip:delta.example"]
)";
  const auto told = [&](const std::string& partners) {
    const SettingsResult result = parse(good + partners);
    CHECK_FALSE(result.ok);
    return messages(result);
  };
  const std::string delta = "[[partner]]\nsystem_id = \"sip:delta.example\"\n";
  CHECK(told(proxy + delta + "via = \"sip:prox.example\"\n")
            .contains("etc/gateway.toml:16:7: unknown partner \"sip:prox.example\": expected the "
                      "system_id of a [[partner]] (did you mean sip:proxy.example?)"));
  CHECK(told(proxy + delta + "via = \"proxy\"\n").contains("etc/gateway.toml:16:7: "));
  CHECK(told(proxy + delta + "via = \"sip:proxy.example\"\naddresses = [\"delta:1\"]\n")
            .contains("expected either addresses or via"));
  CHECK(told(proxy + "[[partner]]\nsystem_id = \"sip:other.example\"\nvia = "
                     "\"sip:proxy.example\"\n")
            .contains("sip:proxy.example may not speak for sip:other.example"));
  CHECK(told(proxy + delta + "via = \"sip:proxy.example\"\nspeaks_for = [\"*\"]\n")
            .contains("belong to the proxy"));
  CHECK(told(proxy + delta +
             "via = \"sip:proxy.example\"\n[[partner]]\nsystem_id = "
             "\"sip:echo.example\"\nvia = \"sip:delta.example\"\n")
            .contains("is reached via sip:proxy.example: name that one"));
  CHECK(told("[[partner]]\nsystem_id = \"sip:proxy.example\"\nspeaks_for = [\"sip:a@b\"]\n")
            .contains("expected a pattern of MC systems"));
}

TEST_CASE("what is left out has its default") {
  const SettingsResult result = parse(good);
  CHECK(messages(result).empty());
  REQUIRE(result.ok);
  CHECK(result.settings.core.services == Services::all());
  CHECK(result.settings.data_dir == "/var/lib/bivouac");
  CHECK(operator_socket_path(result.settings) == "/run/bivouac/operator.sock");
  CHECK(result.settings.tls.crl_policy == CrlPolicy::required);
  CHECK(result.settings.clock == ClockMode::automatic);
  CHECK(result.settings.tls.key == "etc/pki/bravo.key");
}

TEST_CASE("a misspelt key is named with its line, its column and the key that was meant") {
  const SettingsResult result = parse(good + "[store]\n  data_dri = \"x\"\n");
  CHECK_FALSE(result.ok);
  CHECK(messages(result) ==
        "etc/gateway.toml:11:3: unknown key data_dri in [store] (did you mean data_dir?)\n");
}

TEST_CASE("a misspelt section is named too") {
  const SettingsResult result = parse(good + "[lgo]\nlevel = \"info\"\n");
  CHECK(messages(result).contains("unknown key lgo in the file (did you mean log?)"));
}

TEST_CASE("a key that resembles nothing is answered with the keys there are") {
  const SettingsResult result = parse(good + "[log]\nrotation_schedule = 1\n");
  CHECK(messages(result).contains("unknown key rotation_schedule in [log]: expected one of level"));
}

TEST_CASE("a wrong type is named with what was expected and what is there") {
  const SettingsResult result = parse(good + "[log]\nlevel = 3\n");
  CHECK(messages(result) == "etc/gateway.toml:11:9: expected a text in quotes for level, got 3\n");
}

TEST_CASE("a wrong word is answered with the words there are") {
  const SettingsResult result = parse(good + "[log]\nlevel = \"debgu\"\n");
  CHECK(messages(result) ==
        "etc/gateway.toml:11:9: expected \"error\", \"warning\", \"info\" or \"debug\" for level, "
        "got "
        "\"debgu\" (did you mean debug?)\n");
}

TEST_CASE("all errors of a file are told at once, in the order of its lines") {
  const SettingsResult result = parse(
      "[system]\nid = \"http://x\"\nclock = \"sundial\"\n[tls]\ncertificate = 1\n[listen]\n"
      "addresses = [\"nowhere\", 7]\n");
  const std::string text = messages(result);
  for (const char* part : {":2:6: ", ":3:9: ", ":5:15: ", ":7:14: ", ":7:25: ", "lacks the key key",
                           "lacks the key ca", "lacks the key crl"}) {
    INFO(part);
    CHECK(text.contains(part));
  }
  CHECK(std::ranges::is_sorted(result.problems, {}, [](const Problem& p) { return p.at.line; }));
}

TEST_CASE("a section that the parser itself is at a loss with is refused, not fatal") {
  const auto result = parse_settings("[system]\n[+partner]]\n", "gateway.toml", FileChecks::no);
  CHECK_FALSE(result.ok);
  REQUIRE(result.problems.size() == 1);
  CHECK(to_string(result.problems[0]).contains("not TOML: "));
}

TEST_CASE("a file that is not TOML is refused where it stops to be TOML") {
  const SettingsResult result = parse("[system\nid = 1\n");
  CHECK_FALSE(result.ok);
  REQUIRE(result.problems.size() == 1);
  CHECK(to_string(result.problems[0]).starts_with("etc/gateway.toml:1:8: not TOML: "));
}

TEST_CASE("an overlay that names an unknown partner is answered with the nearest partner") {
  const std::string text = good +
                           "[[partner]]\nsystem_id = \"sip:alpha.example\"\n"
                           "[[overlay]]\npartner = \"sip:alhpa.example\"\ngroups = \"*\"\n";
  const SettingsResult result = parse(text);
  CHECK(messages(result) ==
        "etc/gateway.toml:" + line_of(text, "alhpa") +
            ":11: unknown partner \"sip:alhpa.example\": expected the system_id "
            "of a [[partner]] (did you mean sip:alpha.example?)\n");
}

TEST_CASE("a partner is described once, and is never ourselves") {
  const SettingsResult result = parse(good +
                                      "[[partner]]\nsystem_id = \"sip:alpha.example\"\n"
                                      "[[partner]]\nsystem_id = \"SIP:Alpha.Example\"\n"
                                      "[[partner]]\nsystem_id = \"sip:bravo.example\"\n");
  CHECK(messages(result).contains(
      ":13:13: partner sip:alpha.example was described already in line 11"));
  CHECK(messages(result).contains("expected another MC system as partner, got our own"));
}

TEST_CASE("partners come out canonical and sorted") {
  const SettingsResult result = parse(good +
                                      "[[partner]]\nsystem_id = \"sip:Charlie.example\"\n"
                                      "users = [\"SIP:*@Charlie.Example\"]\n"
                                      "[[partner]]\nsystem_id = \"sip:alpha.example\"\n");
  REQUIRE(result.ok);
  CHECK(result.settings.core.partners[0].system_id == "sip:alpha.example");
  CHECK(result.settings.core.partners[1].system_id == "sip:charlie.example");
  CHECK(result.settings.core.partners[1].users[0] == "sip:*@charlie.example");
}

TEST_CASE("subscriptions are described with their home, and by default there are none") {
  const std::string partner = good + "[[partner]]\nsystem_id = \"sip:alpha.example\"\n";
  const SettingsResult plain = parse(partner);
  REQUIRE(plain.ok);
  CHECK(plain.settings.core.partners[0].subscribe_to.empty());
  CHECK(plain.settings.core.partners[0].rights.subscribe.empty());
  CHECK(plain.settings.core.partners[0].lease_s == limits::lease_default_s);
  const SettingsResult full = parse(
      partner +
      "subscribe_to = [\"sip:*@Alpha.example\"]\nlease = \"2h\"\nnotify_interval = \"500ms\"\n"
      "[partner.rights]\nsubscribe = [\"sip:fire-*@bravo.example\"]\n");
  REQUIRE(full.ok);
  const engine::Partner& alpha = full.settings.core.partners[0];
  CHECK(alpha.subscribe_to == std::vector<std::string>{"sip:*@alpha.example"});
  CHECK(alpha.rights.subscribe == std::vector<std::string>{"sip:fire-*@bravo.example"});
  CHECK(alpha.lease_s == 7'200);
  CHECK(alpha.notify_interval_ms == 500);
  CHECK(messages(parse(partner + "lease = \"59s\"\n"))
            .contains(":12:9: expected a time from \"60s\" to \"168h\" for lease"));
  CHECK(messages(parse(partner + "lease = \"169h\"\n")).contains(":12:9: expected a time from"));
  CHECK(messages(parse(partner + "notify_interval = \"61min\"\n"))
            .contains(":12:19: expected a time up to \"1h\" for notify_interval"));
  CHECK(messages(parse(partner + "subscribe_too = [\"*\"]\n"))
            .contains("did you mean subscribe_to?"));
}

TEST_CASE("whether profiles name a partner's groups that users may affiliate to is configured") {
  const std::string partner = good + "[[partner]]\nsystem_id = \"sip:alpha.example\"\n";
  const SettingsResult plain = parse(partner);
  REQUIRE(plain.ok);
  CHECK(plain.settings.core.partners[0].affiliate_by_profile);
  const SettingsResult off = parse(partner + "affiliate_by_profile = false\n");
  REQUIRE(off.ok);
  CHECK_FALSE(off.settings.core.partners[0].affiliate_by_profile);
  const SettingsResult wrong = parse(partner + "affiliate_by_profile = \"no\"\n");
  CHECK_FALSE(wrong.ok);
  CHECK(messages(wrong).contains(":12:24: expected "));
}

TEST_CASE("in which of a partner's groups pending members take part is configured") {
  const std::string partner = good + "[[partner]]\nsystem_id = \"sip:alpha.example\"\n";
  CHECK(parse(partner).settings.core.partners[0].pending_take_part.empty());
  const SettingsResult some =
      parse(partner + "pending_take_part = [\"sip:fire-*@alpha.example\"]\n");
  REQUIRE(some.ok);
  CHECK(some.settings.core.partners[0].pending_take_part ==
        std::vector<std::string>{"sip:fire-*@alpha.example"});
  CHECK_FALSE(parse(partner + "pending_take_part = true\n").ok);
}

TEST_CASE("patterns that nothing can match are refused") {
  for (const char* pattern : {"sip:*@*.example", "http:*", "sip:a b@*", "tel:4a*", "", "sip:@x"}) {
    INFO(pattern);
    const SettingsResult result = parse(
        good + "[[partner]]\nsystem_id = \"sip:alpha.example\"\nusers = [\"" + pattern + "\"]\n");
    CHECK(messages(result).contains(":12:10: expected a pattern with at most one *"));
  }
}

TEST_CASE("overlapping homes are warned of, and the file is still good") {
  const SettingsResult result = parse(
      good + "[[partner]]\nsystem_id = \"sip:alpha.example\"\nusers = [\"sip:*@alpha.example\"]\n" +
      "[[partner]]\nsystem_id = \"sip:charlie.example\"\nusers = [\"sip:ada*\"]\n");
  CHECK(result.ok);
  CHECK(messages(result).contains(":15:10: warning: the home of a user is not clear"));
}

TEST_CASE("a missing certificate is named with the place where it was asked for") {
  const SettingsResult result = parse_settings(good, "/nonexistent/gateway.toml", FileChecks::yes);
  CHECK(
      messages(result).contains("/nonexistent/gateway.toml:4:15: expected a readable PEM file for "
                                "certificate, got \"/nonexistent/pki/bravo.crt\": No such file"));
}

TEST_CASE("a revocation list is asked for unless the policy says otherwise") {
  std::string text = good;
  text.replace(text.find("crl = "), text.find("[listen]") - text.find("crl = "), "");
  CHECK(messages(parse(text)).contains("[tls] lacks the key crl"));
  text.replace(text.find("[tls]"), 5, "[tls]\ncrl_policy = \"optional\"");
  CHECK(parse(text).ok);
}

TEST_CASE("addresses are a host or an address, and a port") {
  for (const char* address : {"alpha.example:8443", "192.0.2.1:1", "[2001:db8::1]:65535"}) {
    INFO(address);
    CHECK(split_address(address).has_value());
  }
  CHECK(split_address("[2001:db8::1]:8443")->host == "2001:db8::1");
  for (const char* address : {"", ":1", "alpha", "alpha:", "alpha:0", "alpha:65536", "alpha:1x",
                              "2001:db8::1:1", "[alpha]:1", "al pha:1"}) {
    INFO(address);
    CHECK_FALSE(split_address(address).has_value());
  }
}

TEST_CASE("where to listen is an address of this box, no name") {
  const auto listening = [](const std::string& address) {
    std::string text = good;
    text.replace(text.find("127.0.0.1:8443"), 14, address);
    return parse(text);
  };
  for (const char* address : {"0.0.0.0:8443", "[::]:8443", "[2001:db8::1]:1", "localhost:8443"}) {
    INFO(address);
    CHECK(listening(address).ok);
  }
  for (const char* address : {"alpha.example:8443", "127.0.0:8443", "256.0.0.1:8443"}) {
    const SettingsResult result = listening(address);
    CHECK_FALSE(result.ok);
    CHECK(messages(result).contains(
        "etc/gateway.toml:9:14: expected an IP address of this box or localhost to listen on, "
        "such as \"0.0.0.0:8443\", got \"" +
        std::string(address) + "\"\n"));
  }
}

TEST_CASE("how long a revocation list counts beyond its end is given in days") {
  const auto with_grace = [](const std::string& days) {
    std::string text = good;
    text.replace(text.find("[listen]"), 0, "crl_grace_days = " + days + "\n");
    return parse(text);
  };
  CHECK(parse(good).settings.tls.crl_grace_days == 7);
  CHECK(with_grace("0").settings.tls.crl_grace_days == 0);
  CHECK(with_grace("365").settings.tls.crl_grace_days == 365);
  for (const char* days : {"366", "-1", "\"7\"", "1.5"}) {
    INFO(days);
    CHECK(messages(with_grace(days))
              .starts_with("etc/gateway.toml:8:18: expected an integer from 0 to 365 for "
                           "crl_grace_days, got "));
  }
}

TEST_CASE("values out of range are refused") {
  const std::string partner = good + "[[partner]]\nsystem_id = \"sip:alpha.example\"\n";
  CHECK(messages(parse(partner + "[[partner.overlay]]\ngroups = \"*\"\ngroup_priority = 256\n"))
            .contains("expected an integer from 0 to 255 for group_priority, got 256"));
  CHECK(messages(parse(good + "[store]\nreserve = \"1KiB\"\n")).contains("at least \"1MiB\""));
  CHECK(messages(parse(good + "[store]\nreserve = \"8 megs\"\n"))
            .contains("expected a size such as"));
  CHECK(messages(parse(good + "[store]\nruntime_dir = \"/" + std::string(120, 'x') + "\"\n"))
            .contains("runtime_dir is too long for a socket"));
}

TEST_CASE("a file that cannot be read says so") {
  const SettingsResult result = read_settings("/nonexistent.toml");
  CHECK_FALSE(result.ok);
  CHECK(messages(result) ==
        "/nonexistent.toml: the file cannot be read: No such file or directory\n");
}

TEST_CASE("of very many faults the first are told, and how many there are more") {
  std::string text = good;
  for (int i = 0; i < 1000; ++i) text += "[[partner]]\ncolour = 1\n";
  const SettingsResult result = parse(text);
  CHECK_FALSE(result.ok);
  CHECK(result.problems.size() == Problems::listed_max + 1);
  CHECK(result.problems.back().text.ends_with(" more"));
}
