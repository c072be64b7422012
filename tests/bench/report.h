// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/bench/machine.h"

namespace bivouac::bench {

/// What a ratio is held against.
struct Aim {
  double value = 0;      // 0: none
  bool is_floor = true;  // to be reached; else not to be exceeded
};

/// Collects what was measured; gives it as text, as JSON and as a plot.
class Report {
 public:
  Report(Machine machine, std::string commit, std::string settings);

  void section(const std::string& title);
  /// The first row of a section is its head.
  void row(std::vector<std::string> cells);
  void note(const std::string& text);
  /// For machines only: "affiliation.64x1.gateway.per_cpu_s".
  void figure(const std::string& id, double value);
  /// Beside a ceiling, or beside another figure of the same run; in the plot too.
  void ratio(const std::string& id, const std::string& label, double value, Aim aim = {});

  std::string text() const;
  std::string json() const;
  std::string svg() const;

  struct Ratio {
    std::string id;
    std::string label;
    double value = 0;
    Aim aim;
    bool is_met() const { return aim.is_floor ? value >= aim.value : value <= aim.value; }
  };

 private:
  struct Section {
    std::string title;
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> notes;
  };
  struct Figure {
    std::string id;
    double value;
  };
  std::string head() const;

  Machine machine_;
  std::string commit_;
  std::string settings_;
  std::vector<Section> sections_;
  std::vector<Figure> figures_;
  std::vector<Ratio> ratios_;
};

// Cells of tables
std::string in_thousands(double value);  // "12.3k"
std::string fixed(double value, int digits);
std::string in_us(double us);  // "123 us", "1.2 ms"

}  // namespace bivouac::bench
