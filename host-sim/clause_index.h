// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace bivouac::sim {

/// A row of core/spec/clauses.csv; core/spec/README.md explains the columns.
struct ClauseRow {
  std::string excerpt;
  std::string clause;
  std::string title;
  std::string kind;
  std::string step;
  std::vector<std::string> sources;
  std::vector<std::string> tests;
  std::vector<std::string> scenarios;
  std::string status;
};

/// The rows in their order, or what is wrong and in which line.
std::expected<std::vector<ClauseRow>, std::string> parse_clause_index(std::string_view text);

}  // namespace bivouac::sim
