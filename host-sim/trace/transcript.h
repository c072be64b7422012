// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "host-sim/trace/trace.h"

namespace bivouac::sim {

/// One line for each event; the format of golden transcripts. Has no number that another run of the
/// same scenario with a small unrelated change would draw anew.
std::string transcript(const Trace& trace);

}  // namespace bivouac::sim
