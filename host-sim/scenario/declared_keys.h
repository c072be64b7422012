// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/key_envelope.h"
#include "host-sim/scenario/scenario.h"

namespace bivouac::sim {

/// The first bytes of every envelope of a scenario: who finds them somewhere has found key
/// material.
inline constexpr std::string_view key_mark = "\xC3KEYMARK";

/// What `keys GROUP for USER` says, and which of them an operator means.
struct KeySettings {
  std::uint32_t gmk = 1;
  std::uint32_t bytes = 48;
  DurationMs expires{};  // since the beginning of the world; 0: never
};
struct KeyChoice {
  std::uint32_t gmk = 0;           // 0: all
  std::vector<std::string> users;  // empty: all
};

/// The envelopes that are declared for the group, in their order, as far as they are chosen.
std::vector<KeyEnvelope> declared_keys(const Scenario& scenario, std::string_view group,
                                       const KeyChoice& choice);

}  // namespace bivouac::sim
