// SPDX-License-Identifier: Apache-2.0
#include "host-sim/conformance_report.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

namespace bivouac::sim {
namespace {

enum class Outcome : std::uint8_t { not_run, passed, failed };

// What the results say ----------------------------------------------------------------------------

/// The results of one file; of a C++ test only those with the clause's tag.
Outcome outcome_of(const std::string& file, const std::string& clause,
                   std::span<const TestResult> results) {
  const bool by_tag = file.ends_with(".cpp");
  const std::string tag = "[" + clause + "]";
  Outcome outcome = Outcome::not_run;
  for (const TestResult& result : results) {
    if (result.file != file || (by_tag && !result.tags.contains(tag))) continue;
    if (!result.passed) return Outcome::failed;
    outcome = Outcome::passed;
  }
  return outcome;
}

/// Passed means that everything was run that the row names.
Outcome outcome_of(const ClauseRow& row, std::span<const TestResult> results) {
  std::size_t passed = 0;
  for (const auto* files : {&row.tests, &row.scenarios}) {
    for (const std::string& file : *files) {
      const Outcome outcome = outcome_of(file, row.clause, results);
      if (outcome == Outcome::failed) return Outcome::failed;
      if (outcome == Outcome::passed) ++passed;
    }
  }
  const bool all = passed > 0 && passed == row.tests.size() + row.scenarios.size();
  return all ? Outcome::passed : Outcome::not_run;
}

std::string_view in_words(Outcome outcome) {
  switch (outcome) {
    case Outcome::not_run: return "not run";
    case Outcome::passed: return "passed";
    case Outcome::failed: return "failed";
  }
  return "";
}

// The table ---------------------------------------------------------------------------------------

/// Lines of cells; a cell may have lines of its own.
class Table {
 public:
  using Cell = std::vector<std::string>;
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

  std::string text() const {
    std::string result;
    const std::vector<std::size_t> widths = column_widths();
    for (const auto& row : rows_) {
      std::size_t lines = 1;
      for (const Cell& cell : row) lines = std::max(lines, cell.size());
      for (std::size_t line = 0; line < lines; ++line) {
        append_line(result, row, line, widths);
      }
    }
    return result;
  }

 private:
  std::vector<std::size_t> column_widths() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i < row.size(); ++i) {
        for (const std::string& line : row[i]) widths[i] = std::max(widths[i], line.size());
      }
    }
    return widths;
  }

  static void append_line(std::string& result, const std::vector<Cell>& row, std::size_t line,
                          const std::vector<std::size_t>& widths) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string& part = line < row[i].size() ? row[i][line] : empty_;
      result.append(part).append(widths[i] - part.size() + 2, ' ');
    }
    result.erase(result.find_last_not_of(' ') + 1);
    result.push_back('\n');
  }

  static inline const std::string empty_;
  std::vector<std::vector<Cell>> rows_;
};

std::string without_underscores(std::string text) {
  std::ranges::replace(text, '_', ' ');
  return text;
}

Table::Cell file_names(const std::vector<std::string>& paths) {
  Table::Cell names;
  for (const std::string& path : paths) names.push_back(path.substr(path.rfind('/') + 1));
  return names;
}

class Summary {
 public:
  void count(const ClauseRow& row, std::optional<Outcome> outcome) {
    auto found = std::ranges::find(lines_, row.excerpt, &Line::excerpt);
    if (found == lines_.end()) {
      lines_.push_back({.excerpt = row.excerpt});
      found = std::prev(lines_.end());
    }
    ++found->rows;
    for (std::size_t i = 0; i < clause_statuses.size(); ++i) {
      if (row.status == clause_statuses[i]) ++found->by_status[i];
    }
    if (outcome) ++found->by_outcome[static_cast<std::size_t>(*outcome)];
  }

  std::string text() const {
    std::string result;
    for (const Line& line : lines_) {
      result +=
          line.excerpt + ": " + std::to_string(line.rows) + (line.rows == 1 ? " row" : " rows");
      for (std::size_t i = 0; i < clause_statuses.size(); ++i) {
        result += ", " + std::to_string(line.by_status[i]) + " " +
                  without_underscores(std::string(clause_statuses[i]));
        if (i == 0 && line.by_status[0] > 0) result += " (" + outcomes(line) + ")";
      }
      result += "\n";
    }
    return result;
  }

 private:
  struct Line {
    std::string excerpt;
    std::size_t rows = 0;
    std::array<std::size_t, clause_statuses.size()> by_status{};
    std::array<std::size_t, 3> by_outcome{};
  };

  static std::string outcomes(const Line& line) {
    std::string result;
    for (const Outcome outcome : {Outcome::passed, Outcome::failed, Outcome::not_run}) {
      if (!result.empty()) result += ", ";
      result += std::to_string(line.by_outcome[static_cast<std::size_t>(outcome)]) + " ";
      result += in_words(outcome);
    }
    return result;
  }

  std::vector<Line> lines_;
};

}  // namespace

bool is_wanted(const ClauseRow& row, const ConformanceFilter& filter) {
  if (!filter.status.empty() && row.status != filter.status) return false;
  return filter.clause.empty() || row.clause == filter.clause ||
         row.clause.starts_with(filter.clause + ".");
}

std::expected<std::vector<TestResult>, std::string> parse_results(std::string_view text) {
  std::vector<TestResult> results;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t first = line.find('\t');
    const std::size_t last = line.rfind('\t');
    const std::string_view word = line.substr(last == line.npos ? 0 : last + 1);
    if (first == last || (word != "passed" && word != "failed")) {
      return std::unexpected("line " + std::to_string(number) +
                             ": expected file, tags, and passed or failed");
    }
    results.push_back({std::string(line.substr(0, first)),
                       std::string(line.substr(first + 1, last - first - 1)), word == "passed"});
  }
  return results;
}

ConformanceReport report_conformance(std::span<const ClauseRow> rows,
                                     std::span<const TestResult> results,
                                     const ConformanceFilter& filter) {
  ConformanceReport report;
  Table table;
  table.add({{"clause"}, {"step"}, {"what"}, {"result"}, {"where"}, {"tests"}, {"scenario"}});
  Summary summary;
  for (const ClauseRow& row : rows) {
    if (!is_wanted(row, filter)) continue;
    std::optional<Outcome> outcome;
    if (row.status == clause_statuses[0]) outcome = outcome_of(row, results);
    if (outcome == Outcome::failed) report.any_failed = true;
    summary.count(row, outcome);
    table.add({{row.excerpt + " " + row.clause},
               {row.step.empty() ? row.kind : row.kind + " " + row.step},
               {row.title},
               {outcome ? std::string(in_words(*outcome)) : without_underscores(row.status)},
               row.sources,
               file_names(row.tests),
               file_names(row.scenarios)});
  }
  report.text = table.text() + "\n" + summary.text();
  return report;
}

}  // namespace bivouac::sim
