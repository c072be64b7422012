// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/scenario.h"

#include <algorithm>

#include "host-sim/scenario/check.h"
#include "host-sim/scenario/grammar.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {
namespace {

constexpr std::size_t problems_max = 20;

class Parser {
 public:
  Parser(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  Parsed run() {
    while (!text_.empty()) {
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      ++line_;
      line(text_.substr(0, end));
      text_.remove_prefix(std::min(end + 1, text_.size()));
      if (parsed_.problems.size() >= problems_max) return std::move(parsed_);
    }
    if (parsed_.problems.empty()) {
      for (const Problem& problem : check(parsed_.scenario)) report(problem.line, problem.text);
    }
    return std::move(parsed_);
  }

 private:
  void report(std::size_t line, const std::string& text) {
    parsed_.problems.push_back(file_ + ":" + std::to_string(line) + ": " + text);
  }

  void line(std::string_view text) {
    const Split split = split_words(text);
    if (!split.problem.empty()) return report(line_, split.problem);
    if (split.words.empty()) return;
    Understood understood = understand(split.words);
    if (!understood.problem.empty()) return report(line_, understood.problem);
    understood.statement.line.number = line_;
    keep(std::move(understood.statement));
  }

  void keep(Statement statement) {
    Scenario& scenario = parsed_.scenario;
    if (statement.verb == Verb::finally) {
      if (in_the_end_) return report(line_, "'finally' was written already");
      in_the_end_ = true;
      scenario.finally_after = statement.duration;
    } else if (in_the_end_) {
      const bool fits = is_expectation(statement.verb) && statement.when.kind == When::Kind::now;
      if (!fits) return report(line_, "after 'finally' come expectations without a time only");
      scenario.finally.push_back(std::move(statement));
    } else {
      auto& list = is_declaration(statement.verb) ? scenario.declarations : scenario.steps;
      list.push_back(std::move(statement));
    }
  }

  std::string_view text_;
  std::string file_;
  std::size_t line_ = 0;
  bool in_the_end_ = false;
  Parsed parsed_;
};

void write_lines(const std::vector<Statement>& statements, std::string& text) {
  for (const Statement& one : statements) text += write(one) + "\n";
}

}  // namespace

bool Times::holds(std::uint64_t found) const {
  switch (kind) {
    case Kind::exactly: return found == count;
    case Kind::at_least: return found >= count;
    case Kind::at_most: return found <= count;
  }
  return false;
}

std::vector<std::string> system_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const Statement& one : scenario.declarations) {
    if (one.verb == Verb::system || one.verb == Verb::proxy) names.push_back(one.system);
  }
  return names;
}

bool has_figure(const Scenario& scenario) {
  return std::ranges::find(scenario.declarations, Verb::figure, &Statement::verb) !=
         scenario.declarations.end();
}

std::string title_of(const Scenario& scenario) {
  const auto found = std::ranges::find(scenario.declarations, Verb::title, &Statement::verb);
  return found == scenario.declarations.end() ? "" : found->word;
}

Parsed parse(std::string_view text, std::string_view file) { return Parser(text, file).run(); }

std::string print(const Scenario& scenario) {
  std::string text;
  write_lines(scenario.declarations, text);
  if (!scenario.steps.empty()) text += "\n";
  write_lines(scenario.steps, text);
  if (scenario.finally.empty() && scenario.finally_after == DurationMs{}) return text;
  Statement finally;
  finally.verb = Verb::finally;
  finally.duration = scenario.finally_after;
  text += "\n" + write(finally) + "\n";
  write_lines(scenario.finally, text);
  return text;
}

}  // namespace bivouac::sim
