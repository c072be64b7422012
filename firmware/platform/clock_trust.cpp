// SPDX-License-Identifier: Apache-2.0
#include "firmware/platform/clock_trust.h"

#include <cstdlib>
#include <utility>

#include <sys/timex.h>
#include <time.h>

namespace bivouac::firmware {

namespace {

std::int64_t read_ms(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

bool kernel_is_synchronised() {
  timex query{};  // no mode bits: reads only, needs no privilege
  const int state = ::adjtimex(&query);
  return state >= 0 && state != TIME_ERROR && (query.status & STA_UNSYNC) == 0;
}

}  // namespace

MonoMs monotonic_now() { return {read_ms(CLOCK_MONOTONIC)}; }
WallMs wall_now() { return {read_ms(CLOCK_REALTIME)}; }

std::optional<bool> ClockTrust::poll() {
  const bool trusted =
      mode_ == Mode::trusted || (mode_ == Mode::automatic && kernel_is_synchronised());
  const bool changed = !known_ || trusted != trusted_;
  known_ = true;
  trusted_ = trusted;
  return changed ? std::optional(trusted) : std::nullopt;
}

DurationMs ClockTrust::jump(Now now) {
  const std::int64_t offset = now.wall.ms - now.mono.ms;
  const std::int64_t before = std::exchange(offset_ms_, offset);
  if (!std::exchange(compared_, true)) return {0};
  const std::int64_t moved = offset - before;
  return {std::abs(moved) < 1000 ? 0 : moved};
}

}  // namespace bivouac::firmware
