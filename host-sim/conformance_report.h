// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host-sim/clause_index.h"

namespace bivouac::sim {

inline constexpr std::array<std::string_view, 3> clause_statuses = {"implemented", "planned",
                                                                    "not_applicable"};

/// A test case, or a scenario, that was run.
struct TestResult {
  std::string file;
  std::string tags;
  bool passed = false;
};
/// A file in the folder of results: a line for each, its fields separated by tabs. The results, or
/// what is wrong and in which line.
std::expected<std::vector<TestResult>, std::string> parse_results(std::string_view text);

struct ConformanceFilter {
  std::string clause;  // this one and those below it; empty: all
  std::string status;  // empty: all
};
bool is_wanted(const ClauseRow& row, const ConformanceFilter& filter);

struct ConformanceReport {
  std::string text;
  bool any_failed = false;
};
/// A table of the rows, and a line of figures for each excerpt.
ConformanceReport report_conformance(std::span<const ClauseRow> rows,
                                     std::span<const TestResult> results,
                                     const ConformanceFilter& filter);

}  // namespace bivouac::sim
