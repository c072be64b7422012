// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

// Two clocks. MonoMs orders events and deadlines within one run; WallMs is what may be persisted.
// There is no way to ask the time here: it comes with each event.

namespace bivouac {

/// Milliseconds of a clock that never jumps, counted from an arbitrary start of this run.
struct MonoMs {
  std::int64_t ms = 0;
  static constexpr MonoMs never() { return {std::numeric_limits<std::int64_t>::max()}; }
  friend constexpr auto operator<=>(MonoMs, MonoMs) = default;
};

/// A span of time in milliseconds.
struct DurationMs {
  std::int64_t ms = 0;
  friend constexpr auto operator<=>(DurationMs, DurationMs) = default;
};

/// Milliseconds since 1970-01-01 UTC, as far as this box knows: it may be wrong and it may jump.
struct WallMs {
  std::int64_t ms = 0;
  friend constexpr auto operator<=>(WallMs, WallMs) = default;
};

constexpr MonoMs operator+(MonoMs t, DurationMs d) {
  return t == MonoMs::never() ? t : MonoMs{t.ms + d.ms};
}
constexpr DurationMs operator-(MonoMs a, MonoMs b) { return {a.ms - b.ms}; }

struct Now {
  MonoMs mono;
  WallMs wall;
};

}  // namespace bivouac
