// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "host-sim/checkers/checker.h"

namespace bivouac::sim {

/// Queues, memory and retries stay within their limits, and nobody is busy for ever.
class BoundsChecker final : public Checker {
 public:
  using Checker::Checker;
  std::string_view name() const override { return "bounds"; }
  void on_durable(const System& system, std::span<const store::Mutation> batch) override;
  void on_sent(const Flight& flight) override;
  void at_rest() override;

 private:
  struct Way {  // one system to another
    std::uint64_t second = 0;
    std::uint64_t frames_in_second = 0;
  };
  using Ends = std::pair<std::string, std::string>;

  std::map<Ends, Way> ways_;
};

}  // namespace bivouac::sim
