// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"
#include "core/wire/inbound.h"

namespace bivouac::wire {

/// What a proxy changes of a frame that it sends on.
struct Passage {
  DurationMs spent;                 // here, of the time that is left to answer
  std::size_t frame_bytes_max = 0;  // longest body that may come back the way the frame came
};

/// The frame as a proxy sends it on: one hop more, less time left, its frame limit lowered; all
/// else is byte for byte what came. Refused: hops_exceeded, timed_out, and envelope_malformed where
/// fields lie over one another, so that writing one changes another.
Result<Bytes> forward(const Inbound& inbound, const Frame& frame, const Passage& passage);

}  // namespace bivouac::wire
