// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "host-sim/scenario/scenario.h"

namespace bivouac::sim {

/// Leaves out as much of a failing scenario as possible while it still fails. At most so many
/// tries, each a run.
Scenario shrink(const Scenario& failing, const std::function<bool(const Scenario&)>& still_fails,
                std::size_t tries_max);

}  // namespace bivouac::sim
