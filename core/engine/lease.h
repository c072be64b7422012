// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"

namespace bivouac::engine {

/// A long span of time that outlives restarts (decision 9). In the run that began it, it is
/// measured by the clock that never jumps. A later run takes off what passed by the wall clock
/// between its beginning and the start of that run, if the wall clock was trusted for both;
/// otherwise that time does not count. So a jump of the wall clock, or an untrusted one, ends
/// nothing.
struct Lease {
  std::uint32_t seconds = 0;
  std::uint32_t boots = 0;          // run in which it began
  std::uint64_t begun_mono_ms = 0;  // since the start of that run
  std::uint64_t begun_wall_ms = 0;  // 0: the wall clock was not trusted
  friend bool operator==(const Lease&, const Lease&) = default;
};

Lease begin_lease(const Context& context, std::uint32_t seconds);
/// When it ends, by the clock of this run; in the past when it is over.
MonoMs end_of(const Context& context, const Lease& lease);
/// 0 when it is over.
DurationMs time_left(const Context& context, const Lease& lease);

}  // namespace bivouac::engine
