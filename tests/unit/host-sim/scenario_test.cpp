// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/scenario.h"

#include <catch2/catch_test_macros.hpp>

#include "host-sim/commands/golden.h"
#include "host-sim/scenario/grammar.h"
#include "host-sim/scenario/run.h"
#include "host-sim/scenario/setup.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {
namespace {

constexpr std::string_view two_systems =
    "system alpha\n"
    "system bravo\n"
    "link bravo dials alpha\n"
    "group fire-1@alpha members=ada@alpha,ben@bravo group_priority=5\n";

std::vector<std::string> problems(std::string_view text) { return parse(text, "x.scn").problems; }

/// What is wrong with one more line below the two systems.
std::string problem(std::string_view line) {
  const auto found = problems(std::string(two_systems) + std::string(line) + "\n");
  return found.empty() ? "" : found.front();
}

Scenario scenario(std::string_view more) {
  Parsed parsed = parse(std::string(two_systems) + std::string(more), "x.scn");
  CHECK(parsed.problems == std::vector<std::string>{});
  return std::move(parsed.scenario);
}

std::vector<std::string> failures(std::string_view more) {
  RunOptions options;
  options.file = "x.scn";
  return run(scenario(more), options).failures;
}

/// A statement that gives every part of a pattern something to say.
Statement full(Verb verb) {
  Statement one;
  one.verb = verb;
  one.system = "alpha";
  one.other = "bravo";
  one.group = "fire-1@alpha";
  one.user = "ben@bravo";
  one.client = "ben@bravo/phone";
  one.duration = DurationMs{90'000};
  one.count = 7;
  one.times = {Times::Kind::at_most, 3};
  one.how = Down::killed;
  one.batch_survives = true;
  return one;
}

/// For all patterns of the verb: the first one may be written for a statement read with another.
std::string word_for(Verb verb) {
  std::string words;
  for (const Pattern& pattern : patterns()) {
    if (pattern.verb == verb) words += std::string(pattern.words) + " ";
  }
  if (words.find("CAUSE") != std::string::npos) return "group_unknown";
  if (words.find("SERVICE") != std::string::npos) return "mcdata";
  if (words.find("NOTE") != std::string::npos) return "resync";
  if (words.find("MESSAGE") != std::string::npos) return "Heartbeat";
  if (words.find("STEP") != std::string::npos) return "10.2.7.2/3";
  if (words.find("EVENT") != std::string::npos) return "deliver";
  if (words.find("PROXIES") != std::string::npos) return "one,two";
  return "a \"quoted\" # text";
}

}  // namespace

TEST_CASE("when a line begins with an unknown word then the nearest one is told") {
  CHECK(problem("strat all") ==
        "x.scn:5: no statement begins with \"strat\" (did you mean start?)");
  CHECK(problem("frobnicate") == "x.scn:5: no statement begins with \"frobnicate\"");
}

TEST_CASE("when a line goes wrong later then what was expected there is told") {
  CHECK(problem("block alpha bravo") == "x.scn:5: expected \"to\", found \"bravo\"");
  CHECK(problem("cut alpha") ==
        "x.scn:5: expected \"to\" or the name of a system at the end of the line");
  CHECK(problem("space high at alpha") == "x.scn:5: expected \"low\" or \"back\", found \"high\"");
  CHECK(problem("wait 5 s") == "x.scn:5: expected a time such as 200ms, found \"5\"");
  CHECK(problem("expect answer at alpha failed group_unkown") ==
        "x.scn:5: expected a cause, found \"group_unkown\" (did you mean group_unknown?)");
  CHECK(problem("start all now") == "x.scn:5: expected nothing more, found \"now\"");
  CHECK(problem("at noon start all") ==
        "x.scn:5: expected a time such as 200ms after \"at\", found \"noon\"");
  CHECK(problem("title \"open") == "x.scn:5: a closing \" is missing");
}

TEST_CASE("when a name is not declared then the nearest one is told") {
  CHECK(problem("start alfa") == "x.scn:5: no system alfa is declared (did you mean alpha?)");
  CHECK(problem("operator alpha imports fire-2@alpha") ==
        "x.scn:5: no group fire-2@alpha is declared (did you mean fire-1@alpha?)");
  CHECK(problem("system alpha") == "x.scn:5: system alpha was declared already");
  CHECK(problem("cut alpha alpha") == "x.scn:5: expected two systems, found alpha twice");
  CHECK(problems("start all") ==
        std::vector<std::string>{"x.scn:1: no system is declared: expected 'system NAME'"});
  CHECK(problem("system charlie\npolicy alpha about charlie receive=none") ==
        "x.scn:6: no link between alpha and charlie is declared: expected 'link alpha dials "
        "charlie'");
}

TEST_CASE("when a setting does not fit then its key and what it takes are told") {
  CHECK(problem("group fire-2@alpha group_prioritty=1") ==
        "x.scn:5: unknown key group_prioritty (did you mean group_priority?)");
  CHECK(problem("group fire-2@alpha group_priority=256") ==
        "x.scn:5: group_priority: expected a number from 0 to 255, found \"256\"");
  CHECK(problem("policy alpha about bravo hide_members_of_others=maybe") ==
        "x.scn:5: hide_members_of_others: expected yes or no, found \"maybe\"");
  CHECK(problem("overlay bravo about alpha alias=x") == "x.scn:5: expected groups=PATTERN");
  CHECK(problem("expect group fire-1@alpha at bravo stael=yes") ==
        "x.scn:5: unknown key stael (did you mean stale?)");
  CHECK(problem("group fire-2@alpha members=ada@alpha,ada@alpha") ==
        "x.scn:5: members: expected members such as "
        "ada@alpha,ben@bravo/77,cy@bravo!,user[200]@alpha, or none, found \"ada@alpha,ada@alpha\"");
}

TEST_CASE("when an answer about groups is expected then its words are known ones") {
  const std::string client = "client ben@bravo/phone at bravo\nexpect client ben@bravo/phone ";
  CHECK(problem(client + "was answered fire-1@alpha=affiliated two@alpha=not_a_member") == "");
  CHECK(problem(client + "was answered fire-1@alpha=affiliating/unreachable") == "");
  CHECK(problem(client + "was answered") ==
        "x.scn:6: expected groups such as fire-1@alpha=affiliated");
  CHECK(problem(client + "sees ada@alpha fire-1@alpha=group_unkown") ==
        "x.scn:6: fire-1@alpha: expected a status, or a cause, found \"group_unkown\" (did you "
        "mean group_unknown?)");
  CHECK(problem("client ben@bravo/phone at bravo\n"
                "client ben@bravo/phone affiliates fire-1@alpha,@") ==
        "x.scn:6: expected a group such as fire-1@alpha, found @");
}

TEST_CASE("when a route cannot be then what is missing on the way is told") {
  CHECK(problem("route alpha to bravo via edge") == "x.scn:5: no proxy edge is declared");
  CHECK(problem("system edge\nroute alpha to bravo via edge") ==
        "x.scn:6: no proxy edge is declared");
  CHECK(problem("proxy edge\nlink edge dials alpha\nroute alpha to bravo via edge") ==
        "x.scn:7: no link between edge and bravo is declared");
  CHECK(problem("proxy edge\nlink edge dials alpha\nlink bravo dials edge\n"
                "route alpha to bravo via edge") == "");
}

TEST_CASE("when a route is declared then its ends are partners, and its proxies know the way") {
  const Scenario declared =
      parse(
          "system alpha\nsystem bravo\nproxy one\nproxy two\nlink one dials alpha\n"
          "link two dials one\nlink bravo dials two\nroute alpha to bravo via one,two\n",
          "x.scn")
          .scenario;
  const engine::Configuration alpha = configuration_of(declared, "alpha");
  CHECK(alpha.partner("sip:bravo.example")->via == "sip:one.example");
  CHECK(alpha.partner("sip:bravo.example")->rights.receive == std::vector<std::string>{"*"});
  CHECK(alpha.partner("sip:one.example")->rights.receive.empty());
  CHECK(alpha.partner("sip:two.example") == nullptr);
  const engine::Configuration two = configuration_of(declared, "two");
  CHECK(two.services.empty());
  CHECK(two.partner("sip:alpha.example") == nullptr);
  CHECK(two.next_hop("sip:alpha.example")->system_id == "sip:one.example");
  CHECK(two.partner("sip:bravo.example")->rights.forward ==
        std::vector<std::string>{"sip:alpha.example"});
}

TEST_CASE("when times stand where they mean nothing then that is told") {
  CHECK(problem("within 5s start all") ==
        "x.scn:5: 'within' is for what is expected: write 'at' or 'after'");
  CHECK(problem("at 5s system charlie") == "x.scn:5: expected no time before what is declared");
  CHECK(problem("finally after 5s\nstart all") ==
        "x.scn:6: after 'finally' come expectations without a time only");
}

TEST_CASE("when a statement exists then LANGUAGE.md explains it") {
  const auto language = read_file("host-sim/scenario/LANGUAGE.md");
  REQUIRE(language.has_value());
  for (const Pattern& pattern : patterns()) {
    INFO(pattern.words);
    CHECK(language->find("`" + std::string(pattern.words) + "`") != std::string::npos);
  }
}

TEST_CASE("when any statement is printed then it is read back as the same value") {
  for (const Pattern& pattern : patterns()) {
    Statement one = full(pattern.verb);
    one.word = word_for(pattern.verb);
    const auto words = split_words(write(one)).words;
    INFO(write(one));
    const Understood understood = understand(words);
    CHECK(understood.problem == "");
    CHECK(understood.statement.verb == one.verb);
    CHECK(write(understood.statement) == write(one));
  }
}

TEST_CASE("when a scenario is printed then parse gives the same scenario") {
  const Scenario written = scenario(
      "title \"Push \\\"all\\\" # of it\"\n"
      "figure\n"
      "policy alpha about bravo receive=none hide_members_of_others=yes\n"
      "overlay bravo about alpha groups=fire-*@alpha alias=\"Fire of Alpha\"\n"
      "start all   # with a comment\n"
      "at 2s operator alpha imports fire-1@alpha display_name=\"\" members=user[12]@alpha\n"
      "after 1500ms kill bravo\n"
      "power-cut alpha in next commit batch survives restart after 2s\n"
      "clock bravo jumps -400d\n"
      "within 2min expect group fire-1@alpha at bravo members=12 stale=no\n"
      "expect step 10.2.7.2/3 at bravo at least once\n"
      "finally after 1h\n"
      "expect link alpha bravo up\n");
  const Parsed again = parse(print(written), "again");
  CHECK(again.problems == std::vector<std::string>{});
  CHECK(again.scenario == written);
  CHECK(print(again.scenario) == print(written));
}

TEST_CASE("when what is expected does not hold then the failure tells what was found and when") {
  const auto found = failures(
      "start all\n"
      "operator alpha imports fire-1@alpha\n"
      "wait 5s\n"
      "expect answer at alpha queued\n"
      "expect group fire-1@alpha at bravo group_priority=6 members=2\n"
      "expect group fire-1@alpha at alpha absent\n"
      "expect refusal not_authorised at bravo once\n"
      "within 2s expect link bravo alpha down\n"
      "expect step 10.2.7.2/3 at bravo once\n");
  CHECK(found ==
        std::vector<std::string>{
            "x.scn:8: expected answer at alpha queued, found done at 5.000 s",
            "x.scn:9: expected group fire-1@alpha at bravo group_priority=6 members=2, found "
            "group_priority=5 at 5.000 s",
            "x.scn:10: expected group fire-1@alpha at alpha absent, found stored at 5.000 s",
            "x.scn:11: expected refusal not_authorised at bravo once, found 0 at 5.000 s",
            "x.scn:12: expected link bravo alpha down, found up at 7.000 s"});
}

TEST_CASE("when a system cannot do what the scenario says then that is a failure") {
  CHECK(failures(
            "start all\nwait 1s\nlose store of bravo\nstart alpha\nat 500ms cut alpha bravo\n") ==
        std::vector<std::string>{"x.scn:7: bravo is up: stop, kill or power-cut it first",
                                 "x.scn:8: alpha is up already",
                                 "x.scn:9: 'at' lies in the past: it is 1.000 s"});
}

TEST_CASE("when a crash is planned then operators ask again and only the end counts") {
  const Scenario pushed = scenario(
      "start all\n"
      "operator alpha imports fire-1@alpha\n"
      "within 10ms expect group fire-1@alpha at bravo stale=no\n"
      "finally after 5s\n"
      "expect group fire-1@alpha at bravo members=2 stale=no\n"
      "expect group fire-1@alpha at alpha version=1\n");
  const Run whole = run(pushed, {});
  CHECK(whole.failures.size() == 1);
  REQUIRE(whole.commits.size() == 2);
  REQUIRE(whole.commits[0].second > 0);
  for (const auto& [system, commits] : whole.commits) {
    for (std::uint64_t commit = 1; commit <= commits; ++commit) {
      for (const bool survives : {false, true}) {
        RunOptions options;
        options.crash = CrashPlan{system, commit, survives, Down::power_cut, {2000}};
        INFO(system << " commit " << commit);
        CHECK(run(pushed, options).failures == std::vector<std::string>{});
      }
    }
  }
}

}  // namespace bivouac::sim
