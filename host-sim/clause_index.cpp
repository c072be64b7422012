// SPDX-License-Identifier: Apache-2.0
#include "host-sim/clause_index.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

namespace bivouac::sim {
namespace {

struct Record {
  std::size_t line = 0;
  std::vector<std::string> fields;
};

/// Comma-separated values: a field in quotation marks may hold commas, ends of line and, doubled,
/// quotation marks.
class RecordReader {
 public:
  explicit RecordReader(std::string_view text) : text_(text) {}
  bool at_end() const { return at_ == text_.size(); }

  std::expected<Record, std::string> read() {
    Record record;
    record.line = line_;
    while (true) {
      auto field = peek() == '"' ? read_quoted() : read_plain();
      if (!field) return std::unexpected(std::move(field.error()));
      record.fields.push_back(std::move(*field));
      if (peek() != ',') break;
      ++at_;
    }
    if (peek() == '\r') ++at_;
    if (!at_end() && text_[at_] != '\n') return wrong("text after the closing quotation mark");
    if (!at_end()) ++at_;
    ++line_;
    return record;
  }

 private:
  char peek() const { return at_end() ? '\0' : text_[at_]; }

  std::expected<std::string, std::string> read_plain() {
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    const std::string_view field = text_.substr(at_, end - at_);
    at_ = end;
    return std::string(field);
  }

  std::expected<std::string, std::string> read_quoted() {
    std::string field;
    ++at_;
    while (!at_end()) {
      const char character = text_[at_++];
      if (character == '\n') ++line_;
      if (character == '"') {
        if (peek() != '"') return field;
        ++at_;
      }
      field.push_back(character);
    }
    return wrong("a quotation mark is not closed");
  }

  std::unexpected<std::string> wrong(std::string_view what) const {
    return std::unexpected("line " + std::to_string(line_) + ": " + std::string(what));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) result.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

constexpr std::array<std::string_view, 9> column_names = {
    "excerpt", "clause", "title", "kind", "step", "source", "tests", "scenario", "status"};

using Columns = std::array<std::size_t, column_names.size()>;

std::expected<Columns, std::string> find_columns(const Record& header) {
  Columns columns{};
  for (std::size_t i = 0; i < column_names.size(); ++i) {
    const auto found = std::ranges::find(header.fields, column_names[i]);
    if (found == header.fields.end()) {
      return std::unexpected("line 1: there is no column '" + std::string(column_names[i]) + "'");
    }
    columns[i] = static_cast<std::size_t>(std::distance(header.fields.begin(), found));
  }
  return columns;
}

ClauseRow row_of(const Record& record, const Columns& columns) {
  const auto field = [&](std::size_t i) -> const std::string& { return record.fields[columns[i]]; };
  return {.excerpt = field(0),
          .clause = field(1),
          .title = field(2),
          .kind = field(3),
          .step = field(4),
          .sources = words(field(5)),
          .tests = words(field(6)),
          .scenarios = words(field(7)),
          .status = field(8)};
}

}  // namespace

std::expected<std::vector<ClauseRow>, std::string> parse_clause_index(std::string_view text) {
  RecordReader reader(text);
  const auto header = reader.read();
  if (!header) return std::unexpected(header.error());
  const auto columns = find_columns(*header);
  if (!columns) return std::unexpected(columns.error());
  std::vector<ClauseRow> rows;
  while (!reader.at_end()) {
    const auto record = reader.read();
    if (!record) return std::unexpected(record.error());
    if (record->fields.size() != header->fields.size()) {
      return std::unexpected("line " + std::to_string(record->line) + ": " +
                             std::to_string(record->fields.size()) + " fields instead of " +
                             std::to_string(header->fields.size()));
    }
    rows.push_back(row_of(*record, *columns));
  }
  return rows;
}

}  // namespace bivouac::sim
