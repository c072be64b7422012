// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/engine/random.h"
#include "host-sim/scenario/scenario.h"

namespace bivouac::sim {

/// Faults for a swarm: each draws its place and its time, and the end that it has.
class FaultMaker {
 public:
  /// `links` are pairs of systems.
  FaultMaker(engine::Random& random, std::vector<std::string> systems,
             std::vector<std::pair<std::string, std::string>> links);

  /// Draws the subset of kinds that this run has; their names.
  std::string enable_some();
  /// One fault at this time, of the kinds that are enabled; nothing when none is.
  void add(std::int64_t at_ms, std::vector<Statement>& steps);
  /// Ends what is still going on.
  void end_all(std::int64_t at_ms, std::vector<Statement>& steps) const;
  std::uint64_t made() const { return made_; }

 private:
  struct Kind {
    std::string_view name;
    void (FaultMaker::*add)(std::int64_t at_ms);
  };
  static const Kind kinds[];

  void crash(std::int64_t at_ms);
  void crash_in_commit(std::int64_t at_ms);
  void stop(std::int64_t at_ms);
  void lose_store(std::int64_t at_ms);
  void damage_store(std::int64_t at_ms);
  void fail_commit(std::int64_t at_ms);
  void slow_disk(std::int64_t at_ms);
  void low_space(std::int64_t at_ms);
  void jump_clock(std::int64_t at_ms);
  void lose_clock(std::int64_t at_ms);
  void expire_certificate(std::int64_t at_ms);
  void cut(std::int64_t at_ms);
  void cut_in_frame(std::int64_t at_ms);
  void block_one_way(std::int64_t at_ms);
  void partition(std::int64_t at_ms);
  void bad_path(std::int64_t at_ms);

  Statement& put(std::int64_t at_ms, Verb verb, const std::string& system = {},
                 const std::string& other = {});
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + random_.below(high - low + 1);
  }
  const std::string& any_system();
  std::pair<std::string, std::string> any_link();
  /// A system that is down until it is started again; none while it is down already.
  bool take_down(std::int64_t at_ms, std::string& system, std::int64_t& until_ms);

  engine::Random& random_;
  std::vector<std::string> systems_;
  std::vector<std::pair<std::string, std::string>> links_;
  std::vector<const Kind*> enabled_;
  std::map<std::string, std::int64_t> down_until_;
  std::vector<Statement>* steps_ = nullptr;
  std::uint64_t made_ = 0;
};

}  // namespace bivouac::sim
