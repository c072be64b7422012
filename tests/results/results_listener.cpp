// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include <catch2/catch_test_case_info.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>

// Leaves the results of a run where `bivouac-sim conformance` finds them: in the folder that
// BIVOUAC_TEST_RESULTS names, one file for each executable, one line for each test case:
// file, tags and "passed" or "failed", separated by tabs. The file is removed when a run starts
// and appears when it has ended, so a run that crashed leaves no result of an earlier one.

namespace bivouac::test {
namespace {

/// The path of a source from the root of the project. This very file tells where the root is.
std::string_view from_root(std::string_view path) {
  constexpr std::string_view self = __FILE__;
  constexpr std::string_view self_from_root = "tests/results/results_listener.cpp";
  static_assert(self.ends_with(self_from_root));
  constexpr std::string_view root = self.substr(0, self.size() - self_from_root.size());
  if (path.starts_with(root)) path.remove_prefix(root.size());
  return path;
}

class ResultsListener : public Catch::EventListenerBase {
 public:
  using Catch::EventListenerBase::EventListenerBase;

  void testRunStarting(const Catch::TestRunInfo& run) override {
    const char* folder = std::getenv("BIVOUAC_TEST_RESULTS");
    if (folder == nullptr || *folder == '\0') return;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    file_ = std::filesystem::path(folder) / (std::string(run.name) + ".tsv");
    std::filesystem::remove(file_, error);
  }

  void testCaseEnded(const Catch::TestCaseStats& test) override {
    if (file_.empty() || test.totals.testCases.skipped > 0) return;
    const bool failed = test.totals.testCases.failed > 0;
    lines_.append(from_root(test.testInfo->lineInfo.file)).append("\t");
    lines_.append(test.testInfo->tagsAsString()).append("\t");
    lines_.append(failed ? "failed" : "passed").append("\n");
  }

  void testRunEnded(const Catch::TestRunStats&) override {
    if (file_.empty()) return;
    const std::filesystem::path part = file_.string() + ".part";
    std::error_code error;
    {
      std::ofstream stream(part, std::ios::binary | std::ios::trunc);
      stream << lines_;
      stream.flush();
      if (!stream) error = std::make_error_code(std::errc::io_error);
    }
    if (!error) std::filesystem::rename(part, file_, error);
    if (error) {
      std::fprintf(stderr, "the results cannot be written to %s: %s\n", file_.c_str(),
                   error.message().c_str());
    }
  }

 private:
  std::filesystem::path file_;  // empty: nobody wants the results
  std::string lines_;
};

CATCH_REGISTER_LISTENER(ResultsListener)

}  // namespace
}  // namespace bivouac::test
