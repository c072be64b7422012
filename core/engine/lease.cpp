// SPDX-License-Identifier: Apache-2.0
#include "core/engine/lease.h"

#include <algorithm>

namespace bivouac::engine {

Lease begin_lease(const Context& context, std::uint32_t seconds) {
  const DurationMs run = context.now.mono - context.started;
  const std::int64_t wall =
      context.clock_trusted ? std::max<std::int64_t>(context.now.wall.ms, 0) : 0;
  return {seconds, context.boots, static_cast<std::uint64_t>(run.ms),
          static_cast<std::uint64_t>(wall)};
}

MonoMs end_of(const Context& context, const Lease& lease) {
  const DurationMs whole{static_cast<std::int64_t>(lease.seconds) * 1'000};
  if (lease.boots == context.boots) {
    return context.started + DurationMs{static_cast<std::int64_t>(lease.begun_mono_ms)} + whole;
  }
  const auto begun_wall_ms = static_cast<std::int64_t>(lease.begun_wall_ms);
  const bool is_known = begun_wall_ms != 0 && context.started_wall.ms != 0;
  const std::int64_t before =
      is_known ? std::clamp<std::int64_t>(context.started_wall.ms - begun_wall_ms, 0, whole.ms) : 0;
  return context.started + DurationMs{whole.ms - before};
}

DurationMs time_left(const Context& context, const Lease& lease) {
  return {std::max<std::int64_t>((end_of(context, lease) - context.now.mono).ms, 0)};
}

}  // namespace bivouac::engine
