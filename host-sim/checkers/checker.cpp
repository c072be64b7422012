// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/checker.h"

#include "host-sim/world/world.h"

namespace bivouac::sim {
namespace {

/// One is enough to fail; a few help to understand.
constexpr std::size_t violations_max = 20;

}  // namespace

void Checker::violated(const std::string& what) {
  if (violations_.size() >= violations_max) return;
  violations_.push_back(std::to_string(world_.now().ms) + " ms: " + std::string(name()) + ": " +
                        what);
}

}  // namespace bivouac::sim
