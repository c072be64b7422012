// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host-sim/checkers/checkers.h"
#include "host-sim/explore/explorer.h"
#include "host-sim/scenario/runner.h"

namespace bivouac::sim {

/// One way of doing something next: the statements that do it.
using Choice = std::vector<Statement>;

/// The world of one path, somewhere on its way. Nothing takes time in it but deadlines, so that
/// paths which differ only in the order of what is independent meet again.
class ExploredWorld {
 public:
  ExploredWorld(const Scenario& scenario, const ExploreOptions& options);
  ~ExploredWorld();

  /// Carries out one choice, and the end of the loop's turn that it leaves.
  void take(const Choice& choice);
  std::vector<Choice> choices() const;
  /// Of everything that decides what can happen from here.
  std::uint64_t fingerprint() const;
  /// Nothing is left but to wait: lets it come to rest and judges the end.
  void come_to_rest();
  /// Empty while all is well.
  std::string violation() const;
  /// All statements so far.
  const std::vector<Statement>& path() const { return path_; }

 private:
  void let_nothing_take_time();
  void carry_out(const Statement& one);
  void end_turn();
  void add_pending(std::vector<Choice>& choices) const;
  void add_faults(std::vector<Choice>& choices) const;

  const Scenario& scenario_;
  const ExploreOptions& options_;
  RunOptions run_options_;
  std::unique_ptr<Checkers> checkers_;
  Scenario beginning_;
  std::unique_ptr<Runner> runner_;
  std::vector<Statement> path_;
  std::vector<Statement> requests_;  // the rest of the scenario's steps, in order
  std::size_t next_request_ = 0;
  std::uint64_t ticks_ = 0;
  std::uint64_t cuts_ = 0;
  std::uint64_t crashes_ = 0;
  std::vector<std::string> failures_;
};

}  // namespace bivouac::sim
