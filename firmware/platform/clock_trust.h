// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/time.h"

namespace bivouac::firmware {

/// The two clocks of this box. The wall clock is read, never set.
MonoMs monotonic_now();
WallMs wall_now();
inline Now clock_now() { return {monotonic_now(), wall_now()}; }

/// Whether the wall clock can be believed, and whether it jumped (decision 9).
class ClockTrust {
 public:
  /// automatic: what the kernel knows from NTP, PTP or GNSS daemons.
  enum class Mode : std::uint8_t { automatic, trusted, untrusted };

  explicit ClockTrust(Mode mode) : mode_(mode) {}

  /// The new state when it changed since the last call, and always at the first.
  std::optional<bool> poll();
  bool trusted() const { return trusted_; }

  /// How far the wall clock moved against the monotonic one since the last call; 0 below a second.
  DurationMs jump(Now now);

 private:
  Mode mode_;
  bool known_ = false;
  bool trusted_ = false;
  bool compared_ = false;
  std::int64_t offset_ms_ = 0;
};

}  // namespace bivouac::firmware
