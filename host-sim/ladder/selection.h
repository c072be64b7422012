// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "host-sim/ladder/ladder_options.h"
#include "host-sim/trace/trace.h"

namespace bivouac::sim::ladder {

/// What a diagram shows of a trace: without preparations, and without what another event of it
/// shows already.
std::vector<const TraceEvent*> selection(const Trace& trace, const LadderOptions& options);

}  // namespace bivouac::sim::ladder
