// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "host-sim/ladder/ladder_options.h"
#include "host-sim/trace/trace.h"

namespace bivouac::sim {

/// The trace as a ladder diagram for a terminal, at most 120 columns wide.
std::string ladder_text(const Trace& trace, const LadderOptions& options = {});

}  // namespace bivouac::sim
