// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host-sim/checkers/checker.h"

namespace bivouac::sim {

/// All checkers, watching one world from its beginning.
class Checkers {
 public:
  explicit Checkers(World& world);
  ~Checkers();
  /// The world has come to rest after its faults.
  void at_rest();
  std::vector<std::string> violations() const;
  bool has_violations() const;

 private:
  std::vector<std::unique_ptr<Checker>> all_;
};

}  // namespace bivouac::sim
