// SPDX-License-Identifier: Apache-2.0
#include "host-sim/soak/shrink.h"

#include <algorithm>

namespace bivouac::sim {
namespace {

class Shrinker {
 public:
  Shrinker(Scenario scenario, const std::function<bool(const Scenario&)>& still_fails,
           std::size_t tries_max)
      : best_(std::move(scenario)), still_fails_(still_fails), tries_left_(tries_max) {}

  Scenario run() {
    bool smaller = true;
    while (smaller && tries_left_ > 0) {
      smaller = cut_out(&Scenario::steps);
      smaller = cut_out(&Scenario::declarations) || smaller;
      smaller = cut_settings(&Scenario::declarations) || smaller;
      smaller = cut_settings(&Scenario::steps) || smaller;
    }
    return best_;
  }

 private:
  bool keep_if_failing(Scenario candidate) {
    if (tries_left_ == 0) return false;
    --tries_left_;
    if (!still_fails_(candidate)) return false;
    best_ = std::move(candidate);
    return true;
  }

  /// Runs of statements, halves first, then ever shorter.
  bool cut_out(std::vector<Statement> Scenario::* list) {
    bool smaller = false;
    std::size_t length = std::max<std::size_t>(1, (best_.*list).size() / 2);
    while (true) {
      for (std::size_t begin = 0; begin < (best_.*list).size();) {
        Scenario candidate = best_;
        auto& statements = candidate.*list;
        const std::size_t end = std::min(begin + length, statements.size());
        statements.erase(statements.begin() + static_cast<std::ptrdiff_t>(begin),
                         statements.begin() + static_cast<std::ptrdiff_t>(end));
        if (keep_if_failing(std::move(candidate))) {
          smaller = true;
        } else {
          begin += length;
        }
        if (tries_left_ == 0) return smaller;
      }
      if (length == 1) return smaller;
      length /= 2;
    }
  }

  bool cut_settings(std::vector<Statement> Scenario::* list) {
    bool smaller = false;
    for (std::size_t i = 0; i < (best_.*list).size(); ++i) {
      for (std::size_t k = 0; k < (best_.*list)[i].settings.size();) {
        Scenario candidate = best_;
        auto& settings = (candidate.*list)[i].settings;
        settings.erase(settings.begin() + static_cast<std::ptrdiff_t>(k));
        const bool fails = keep_if_failing(std::move(candidate));
        smaller = smaller || fails;
        if (!fails) ++k;
      }
    }
    return smaller;
  }

  Scenario best_;
  const std::function<bool(const Scenario&)>& still_fails_;
  std::size_t tries_left_;
};

}  // namespace

Scenario shrink(const Scenario& failing, const std::function<bool(const Scenario&)>& still_fails,
                std::size_t tries_max) {
  return Shrinker(failing, still_fails, tries_max).run();
}

}  // namespace bivouac::sim
