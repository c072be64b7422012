// SPDX-License-Identifier: Apache-2.0
#include "host-sim/soak/soak.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <sstream>
#include <thread>

#include "host-sim/scenario/check.h"
#include "host-sim/soak/judged_run.h"
#include "host-sim/soak/shrink.h"
#include "host-sim/soak/swarm.h"

namespace bivouac::sim {
namespace {

using Clock = std::chrono::steady_clock;

RunOptions options_for(std::uint64_t seed) {
  RunOptions options;
  options.seed = seed;
  options.at_beginning = [](World& world) { world.keeps_answers = false; };
  return options;
}

/// What a violation says without its time, names and numbers: "durability: answers success for
/// revision of which is not durable".
std::string property_of(const std::string& violation) {
  std::istringstream words(violation);
  std::string property;
  for (std::string word; words >> word;) {
    const bool is_particular = word.find("sip:") != std::string::npos ||
                               word.find_first_of("0123456789") != std::string::npos;
    if (!is_particular) property += word + " ";
  }
  return property;
}

class Soak {
 public:
  Soak(const SoakOptions& options, const std::function<void(const SoakTotals&)>& progress)
      : options_(options), progress_(progress), next_(options.from), begin_(Clock::now()) {}

  SoakResult run() {
    std::vector<std::thread> others;
    for (unsigned i = 1; i < options_.jobs; ++i) others.emplace_back([this] { work(); });
    work();
    for (std::thread& other : others) other.join();
    result_.totals.elapsed_ms = elapsed_ms();
    return result_;
  }

 private:
  std::int64_t elapsed_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin_).count();
  }
  bool is_over(std::uint64_t seed) const {
    if (has_failed_) return true;
    if (options_.seeds_max != 0 && seed >= options_.from + options_.seeds_max) return true;
    return elapsed_ms() >= options_.seconds * 1000;
  }

  void work() {
    while (true) {
      const std::uint64_t seed = next_++;
      if (is_over(seed)) return;
      const Drawn drawn = draw(seed);
      const Verdict verdict = judged_run(drawn.scenario, options_for(seed), false);
      add(seed, drawn, verdict);
    }
  }

  void add(std::uint64_t seed, const Drawn& drawn, const Verdict& verdict) {
    const std::lock_guard lock(mutex_);
    SoakTotals& totals = result_.totals;
    ++totals.seeds;
    totals.requests += drawn.requests;
    totals.faults += drawn.faults;
    totals.active_ms += drawn.active.ms;
    totals.simulated_ms += verdict.ended.ms;
    totals.elapsed_ms = elapsed_ms();
    if (!verdict.violations.empty()) {
      has_failed_ = true;
      const bool is_lowest = !result_.failure || seed < result_.failure->seed;
      if (is_lowest) result_.failure = {seed, verdict.violations};
    }
    if (totals.elapsed_ms / 1000 == told_second_) return;
    told_second_ = totals.elapsed_ms / 1000;
    progress_(totals);
  }

  const SoakOptions options_;
  const std::function<void(const SoakTotals&)>& progress_;
  std::atomic<std::uint64_t> next_;
  std::atomic<bool> has_failed_ = false;
  Clock::time_point begin_;
  std::mutex mutex_;
  SoakResult result_;
  std::int64_t told_second_ = 0;
};

}  // namespace

SoakResult soak(const SoakOptions& options,
                const std::function<void(const SoakTotals&)>& progress) {
  return Soak(options, progress).run();
}

std::vector<std::string> judge_seed(std::uint64_t seed) {
  return judged_run(draw(seed).scenario, options_for(seed), false).violations;
}

Scenario shrink_seed(std::uint64_t seed, const std::string& violation, std::size_t tries_max) {
  const std::string property = property_of(violation);
  const auto still_fails = [&](const Scenario& scenario) {
    if (!check(scenario).empty()) return false;  // it must be one that can be run from a file
    const Verdict verdict = judged_run(scenario, options_for(seed), false);
    return std::ranges::any_of(
        verdict.violations, [&](const std::string& one) { return property_of(one) == property; });
  };
  return shrink(draw(seed).scenario, still_fails, tries_max);
}

}  // namespace bivouac::sim
