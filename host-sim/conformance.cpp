// SPDX-License-Identifier: Apache-2.0
#include "host-sim/conformance.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "host-sim/conformance_report.h"

namespace bivouac::sim {
namespace {

constexpr std::string_view usage = R"(usage: bivouac-sim conformance [OPTIONS]

  --index FILE     the clause index (default core/spec/clauses.csv)
  --results DIR    where the tests left their results (default build/results)
  --clause CLAUSE  only this clause and those below it, as 10.2.7.2 or 10.X.5
  --status STATUS  only implemented, planned or not_applicable
)";

std::expected<std::string, std::string> read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream.is_open() || stream.bad()) return std::unexpected("it cannot be read");
  return text;
}

/// All *.tsv of the folder; none when there is no such folder.
std::expected<std::vector<TestResult>, std::string> read_results(
    const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".tsv") paths.push_back(entry->path());
  }
  std::ranges::sort(paths);
  std::vector<TestResult> results;
  for (const std::filesystem::path& path : paths) {
    auto some = read_file(path).and_then(parse_results);
    if (!some) return std::unexpected(path.string() + ": " + some.error());
    std::ranges::move(*some, std::back_inserter(results));
  }
  return results;
}

struct Options {
  std::string index = "core/spec/clauses.csv";
  std::string results = "build/results";
  ConformanceFilter filter;
  bool help = false;
};

std::expected<Options, std::string> parse_options(std::span<const std::string_view> arguments) {
  Options options;
  const std::pair<std::string_view, std::string*> known[] = {
      {"--index", &options.index},
      {"--results", &options.results},
      {"--clause", &options.filter.clause},
      {"--status", &options.filter.status},
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--help" || arguments[i] == "-h") {
      options.help = true;
      continue;
    }
    const auto* option =
        std::ranges::find(known, arguments[i], &std::pair<std::string_view, std::string*>::first);
    const std::string name(arguments[i]);
    if (option == std::end(known)) return std::unexpected("unknown argument '" + name + "'");
    if (++i == arguments.size()) return std::unexpected("'" + name + "' needs a value");
    *option->second = arguments[i];
  }
  const std::string& status = options.filter.status;
  if (!status.empty() && !std::ranges::contains(clause_statuses, std::string_view(status))) {
    return std::unexpected("'" + status + "' is no status: implemented, planned, not_applicable");
  }
  return options;
}

ConformanceOutput unusable(const std::string& problem) {
  return {.status = 2, .text = {}, .problems = "bivouac-sim conformance: " + problem + "\n"};
}

}  // namespace

ConformanceOutput conformance_output(std::span<const std::string_view> arguments) {
  const auto options = parse_options(arguments);
  if (!options) return unusable(options.error() + "\n\n" + std::string(usage));
  if (options->help) return {.status = 0, .text = std::string(usage), .problems = {}};
  const auto rows = read_file(options->index).and_then(parse_clause_index);
  if (!rows) return unusable(options->index + ": " + rows.error());
  const auto results = read_results(options->results);
  if (!results) return unusable(results.error());
  const auto wanted = [&](const ClauseRow& row) { return is_wanted(row, options->filter); };
  if (std::ranges::none_of(*rows, wanted)) return unusable("no row is of that clause and status");

  ConformanceReport report = report_conformance(*rows, *results, options->filter);
  ConformanceOutput output{
      .status = report.any_failed ? 1 : 0, .text = std::move(report.text), .problems = {}};
  if (results->empty()) {
    output.problems = "bivouac-sim conformance: no results in " + options->results +
                      ": ctest leaves them there\n";
  }
  return output;
}

int conformance(std::span<const std::string_view> arguments) {
  const ConformanceOutput output = conformance_output(arguments);
  std::fwrite(output.text.data(), 1, output.text.size(), stdout);
  std::fwrite(output.problems.data(), 1, output.problems.size(), stderr);
  return output.status;
}

}  // namespace bivouac::sim
