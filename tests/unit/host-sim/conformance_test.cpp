// SPDX-License-Identifier: Apache-2.0
#include "host-sim/conformance.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "host-sim/conformance_report.h"

namespace bivouac::sim {
namespace {

const std::string header =
    "excerpt,clause,published,title,entity,role,kind,step,source,tests,scenario,status,note\n";
const std::string sends =
    "S0,10.2.7.2,10.2.7.2,home sends,gms,home,step,1,core/a.cpp core/b.cpp,"
    "tests/procedures/c_push_test.cpp,tests/scenarios/10.2.7.2_push.scn,implemented,\n";
const std::string rest =
    "S0,10.2.7.21,,\"a name, a \"\"longer\"\" one\",,,clause,,,,,not_applicable,a heading\n"
    "S1,10.2.7.4,,home answers,gms,home,step,2,,,,planned,\n";
const std::string test_passed = "tests/procedures/c_push_test.cpp\t[10.2.7.2][a]\tpassed\n";
const std::string test_failed = "tests/procedures/c_push_test.cpp\t[10.2.7.2]\tfailed\n";
const std::string other_clause_failed = "tests/procedures/c_push_test.cpp\t[10.2.7.21]\tfailed\n";
const std::string scenario_passed = "tests/scenarios/10.2.7.2_push.scn\t\tpassed\n";
const std::string scenario_failed = "tests/scenarios/10.2.7.2_push.scn\t\tfailed\n";

ConformanceReport report(const std::string& index, const std::string& results,
                         const ConformanceFilter& filter = {}) {
  const auto rows = parse_clause_index(index);
  const auto parsed = parse_results(results);
  REQUIRE(rows.has_value());
  REQUIRE(parsed.has_value());
  return report_conformance(*rows, *parsed, filter);
}

/// The outcome that the table gives the row `sends`.
std::string outcome(const std::string& results) {
  const ConformanceReport made = report(header + sends, results);
  std::string found = "none";
  for (const std::string word : {"not run", "passed", "failed"}) {
    if (made.text.contains("home sends  " + word)) found = word;
  }
  CHECK(made.any_failed == (found == "failed"));
  return found;
}

/// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "conformance_test").string();
    for (int number = 0; path_.empty(); ++number) {
      const std::filesystem::path candidate = name + std::to_string(number);
      if (std::filesystem::create_directory(candidate)) path_ = candidate;
    }
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

ConformanceOutput run(const std::vector<std::string>& arguments) {
  const std::vector<std::string_view> views(arguments.begin(), arguments.end());
  return conformance_output(views);
}

}  // namespace

TEST_CASE("when the index is printed then columns are aligned and each excerpt has its figures") {
  const ConformanceReport made = report(header + sends + rest, test_passed + scenario_passed);
  CHECK_FALSE(made.any_failed);
  CHECK(made.text ==
        "clause        step    what                    result          where       tests"
        "            scenario\n"
        "S0 10.2.7.2   step 1  home sends              passed          core/a.cpp"
        "  c_push_test.cpp  10.2.7.2_push.scn\n"
        "                                                              core/b.cpp\n"
        "S0 10.2.7.21  clause  a name, a \"longer\" one  not applicable\n"
        "S1 10.2.7.4   step 2  home answers            planned\n"
        "\n"
        "S0: 2 rows, 1 implemented (1 passed, 0 failed, 0 not run), 0 planned, 1 not applicable\n"
        "S1: 1 row, 0 implemented, 1 planned, 0 not applicable\n");
}

TEST_CASE("when everything that a row names was run and passed then the row has passed") {
  CHECK(outcome("") == "not run");
  CHECK(outcome(test_passed) == "not run");
  CHECK(outcome(scenario_passed) == "not run");
  CHECK(outcome(test_passed + scenario_passed) == "passed");
  CHECK(outcome(test_passed + test_passed + scenario_passed) == "passed");
}

TEST_CASE("when one test of a row failed then the row has failed") {
  CHECK(outcome(test_failed) == "failed");
  CHECK(outcome(test_passed + test_failed + scenario_passed) == "failed");
  CHECK(outcome(test_failed + test_passed + scenario_passed) == "failed");
  CHECK(outcome(test_passed + scenario_failed) == "failed");
}

TEST_CASE("when a test of another clause failed in the same file then the row has not") {
  CHECK(outcome(test_passed + other_clause_failed + scenario_passed) == "passed");
}

TEST_CASE("when a clause is asked for then it and those below it are printed") {
  const std::string index = header + sends + rest;
  CHECK(report(index, "", {.clause = "10.2.7", .status = ""}).text.contains("S1: 1 row"));
  const std::string one = report(index, "", {.clause = "10.2.7.2", .status = ""}).text;
  CHECK(one.contains("home sends"));
  CHECK_FALSE(one.contains("10.2.7.21"));
  const std::string planned = report(index, "", {.clause = "", .status = "planned"}).text;
  CHECK(planned.contains("home answers"));
  CHECK_FALSE(planned.contains("S0"));
}

TEST_CASE("when the index is damaged then its line is named") {
  CHECK(parse_clause_index("excerpt,clause\n").error() == "line 1: there is no column 'title'");
  CHECK(parse_clause_index(header + sends + "S0,10\n").error() == "line 3: 2 fields instead of 13");
  CHECK(parse_clause_index(header + "\"S0\"x\n").error() ==
        "line 2: text after the closing quotation mark");
  CHECK(parse_clause_index(header + "\"S0\n").error() == "line 3: a quotation mark is not closed");
}

TEST_CASE("when an index has other ends of line then it reads the same") {
  const std::string last = "S1,1,,\"two\nlines\",,,clause,,,,,planned,";
  const auto rows = parse_clause_index(header.substr(0, header.size() - 1) + "\r\n" + last);
  REQUIRE(rows.has_value());
  REQUIRE(rows->size() == 1);
  CHECK(rows->front().title == "two\nlines");
  CHECK(rows->front().status == "planned");
}

TEST_CASE("when results are damaged then their line is named") {
  const std::string problem = "line 2: expected file, tags, and passed or failed";
  CHECK(parse_results(test_passed + "a\tpassed\n").error() == problem);
  CHECK(parse_results(test_passed + "a\tb\tpass\n").error() == problem);
  CHECK(parse_results(test_passed + "passed\n").error() == problem);
}

TEST_CASE("when a test of an implemented row failed then the status is 1") {
  const Folder folder;
  const std::string index = folder.write("clauses.csv", header + sends + rest);
  const std::vector<std::string> arguments = {"--index", index, "--results", folder.path()};

  const ConformanceOutput before = run(arguments);
  CHECK(before.status == 0);
  CHECK(before.problems.contains("no results in " + folder.path()));

  folder.write("one.tsv", test_passed);
  folder.write("two.tsv", scenario_passed);
  const ConformanceOutput good = run(arguments);
  CHECK(good.status == 0);
  CHECK(good.problems.empty());
  CHECK(good.text.contains("1 passed, 0 failed, 0 not run"));

  folder.write("three.tsv", test_failed);
  CHECK(run(arguments).status == 1);
  std::vector<std::string> others = arguments;
  others.insert(others.end(), {"--status", "planned"});
  CHECK(run(others).status == 0);
}

TEST_CASE("when arguments or files are unusable then the status is 2 and the reason is told") {
  const Folder folder;
  const std::string index = folder.write("clauses.csv", header + sends);
  CHECK(run({"--indices"}).problems.contains("unknown argument '--indices'"));
  CHECK(run({"--index"}).problems.contains("'--index' needs a value"));
  CHECK(run({"--status", "done"}).problems.contains("'done' is no status"));
  CHECK(run({"--index", folder.path() + "/none"}).problems.contains("cannot be read"));
  CHECK(run({"--index", index, "--clause", "9"}).problems.contains("no row"));
  folder.write("bad.tsv", "x\n");
  const ConformanceOutput damaged = run({"--index", index, "--results", folder.path()});
  CHECK(damaged.problems.contains("bad.tsv: line 1"));
  for (const ConformanceOutput& output :
       {run({"--indices"}), run({"--index"}), run({"--status", "done"}), damaged}) {
    CHECK(output.status == 2);
    CHECK(output.text.empty());
  }
}

TEST_CASE("when the index of this tree is read then it has rows of every excerpt") {
  const ConformanceOutput output = run({"--results", "none"});
  CHECK(output.status == 0);
  for (const std::string excerpt : {"S0: ", "S1: ", "S2: ", "S3: ", "S4: "}) {
    CHECK(output.text.contains("\n" + excerpt));
  }
}

}  // namespace bivouac::sim
