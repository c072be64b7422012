// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

// bivouac-sim conformance: the clause index, and how the tests of each row went last time.

namespace bivouac::sim {

struct ConformanceOutput {
  int status = 0;
  std::string text;
  std::string problems;
};
/// What conformance() prints, and its status.
ConformanceOutput conformance_output(std::span<const std::string_view> arguments);

/// 0: no test of an implemented row has failed; 1: one has; 2: unusable arguments or files.
int conformance(std::span<const std::string_view> arguments);

}  // namespace bivouac::sim
