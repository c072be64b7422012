// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "host-sim/ladder/ladder_options.h"
#include "host-sim/trace/trace.h"

namespace bivouac::sim {

/// The trace as a ladder diagram in the style of the figures: one SVG that needs nothing else.
std::string ladder_svg(const Trace& trace, const LadderOptions& options = {});

}  // namespace bivouac::sim
