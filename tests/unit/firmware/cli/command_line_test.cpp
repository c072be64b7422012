// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/command_line.h"

#include <catch2/catch_test_macros.hpp>

using namespace bivouac::firmware::cli;

TEST_CASE("each verb is found with its options") {
  const auto status = parse_command_line({"status", "--json", "--socket", "/tmp/s"});
  REQUIRE(status);
  CHECK(status->verb == Verb::status);
  CHECK(status->json);
  CHECK(status->socket == "/tmp/s");

  const auto run = parse_command_line({"run", "--config", "g.toml"});
  REQUIRE(run);
  CHECK(run->verb == Verb::run);
  CHECK(run->config == "g.toml");

  const auto check = parse_command_line({"check-config", "g.toml"});
  REQUIRE(check);
  CHECK(check->verb == Verb::check_config);
  CHECK(check->config == "g.toml");

  const auto issue = parse_command_line({"pki", "issue", "dir", "--system", "sip:a.example",
                                         "--out", "alpha", "--days", "3", "--usage", "client"});
  REQUIRE(issue);
  CHECK(issue->verb == Verb::pki_issue);
  CHECK(issue->days == 3);
  CHECK(issue->usage == Extended::client);
}

TEST_CASE("subscriptions have verbs of their own") {
  const auto subscribe =
      parse_command_line({"group", "subscribe", "sip:f@a.example", "--lease", "7200"});
  REQUIRE(subscribe);
  CHECK(subscribe->verb == Verb::group_subscribe);
  CHECK(subscribe->lease_s == 7'200);
  CHECK(parse_command_line({"group", "subscribe", "sip:f@a.example"})->lease_s == 0);
  CHECK(parse_command_line({"group", "subscribe", "sip:f@a.example", "--lease", "59"}).error() ==
        exit_unusable_arguments);
  CHECK(parse_command_line({"group", "unsubscribe", "sip:f@a.example"})->verb ==
        Verb::group_unsubscribe);
  CHECK(parse_command_line({"subscription", "list", "--json"})->verb == Verb::subscription_list);
}

TEST_CASE("affiliations are listed as a whole or in part, and a client that listens stays") {
  const auto list = parse_command_line({"affiliation", "list", "--user", "SIP:ben@B.example",
                                        "--group", "sip:f@a.example", "--pending", "--json"});
  REQUIRE(list);
  CHECK(list->verb == Verb::affiliation_list);
  CHECK(list->user_id == "sip:ben@b.example");
  CHECK(list->group_id == "sip:f@a.example");
  CHECK(list->pending);
  CHECK(list->json);
  CHECK(parse_command_line({"affiliation", "show", "sip:ben@b.example"})->verb ==
        Verb::affiliation_show);
  CHECK(parse_command_line({"affiliation", "show"}).error() == exit_unusable_arguments);
  const auto listen = parse_command_line(
      {"client", "listen", "--gateway", "h:1", "--certificate", "c", "--key", "k", "--ca", "a"});
  REQUIRE(listen);
  CHECK(listen->verb == Verb::client_listen);
  CHECK(listen->follow);
}

TEST_CASE("identities on the command line become canonical") {
  const auto push =
      parse_command_line({"group", "push", "SIP:fire@ALPHA.example", "--to", "sip:Bravo.example"});
  REQUIRE(push);
  CHECK(push->verb == Verb::group_push);
  CHECK(push->group_id == "sip:fire@alpha.example");
  CHECK(push->partner == "sip:bravo.example");
}

TEST_CASE("an authority lasts longer than a certificate unless told otherwise") {
  CHECK(parse_command_line({"pki", "init", "d"})->days == 3650);
  CHECK(parse_command_line({"pki", "issue", "d", "--system", "x", "--out", "n"})->days == 365);
}

TEST_CASE("unusable arguments end with 2, help with 0") {
  CHECK(parse_command_line({}).error() == exit_unusable_arguments);
  CHECK(parse_command_line({"fly"}).error() == exit_unusable_arguments);
  CHECK(parse_command_line({"run"}).error() == exit_unusable_arguments);
  CHECK(parse_command_line({"group"}).error() == exit_unusable_arguments);
  CHECK(parse_command_line({"group", "show", "not-an-identity"}).error() ==
        exit_unusable_arguments);
  CHECK(parse_command_line({"group", "fetch", "sip:f@a.example", "--service", "fax"}).error() ==
        exit_unusable_arguments);
  CHECK(parse_command_line({"status", "--jsno"}).error() == exit_unusable_arguments);
  CHECK(parse_command_line({"--help"}).error() == exit_good);
  CHECK(parse_command_line({"group", "push", "--help"}).error() == exit_good);
}
