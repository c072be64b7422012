// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/problem.h"

#include <algorithm>

namespace bivouac::firmware {

std::string to_string(const Problem& problem) {
  std::string text = problem.file;
  if (problem.at.line != 0) {
    text += ':' + std::to_string(problem.at.line) + ':' + std::to_string(problem.at.column);
  }
  text += problem.severity == Problem::Severity::warning ? ": warning: " : ": ";
  return text + problem.text;
}

void Problems::add(Position at, Problem::Severity severity, std::string text) {
  if (list_.size() < listed_max) {
    list_.push_back({file_, at, severity, std::move(text)});
  } else {
    ++left_out_;
  }
}

void Problems::error(Position at, std::string text) {
  add(at, Problem::Severity::error, std::move(text));
  ++errors_;
}

void Problems::warning(Position at, std::string text) {
  add(at, Problem::Severity::warning, std::move(text));
}

std::vector<Problem> Problems::take() {
  std::ranges::stable_sort(list_, [](const Problem& a, const Problem& b) {
    return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
  });
  if (left_out_ > 0) {
    list_.push_back(
        {file_, {}, Problem::Severity::error, "and " + std::to_string(left_out_) + " more"});
    left_out_ = 0;
  }
  return std::move(list_);
}

}  // namespace bivouac::firmware
