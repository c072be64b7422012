// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace bivouac::firmware {

/// The board's watchdog, which resets the box when nobody feeds it in time. The environment names
/// its device, BIVOUAC_WATCHDOG=/dev/watchdog0; without that every call does nothing. Ours alone:
/// no service manager feeds it for a gateway whose loop or store stands still.
class HardwareWatchdog {
 public:
  HardwareWatchdog();  // reads and removes the variable; opening the device arms it
  /// An orderly end disarms it. After any other end the next run has to be there in time.
  ~HardwareWatchdog();
  HardwareWatchdog(const HardwareWatchdog&) = delete;
  HardwareWatchdog& operator=(const HardwareWatchdog&) = delete;

  bool is_armed() const { return device_ >= 0; }
  void alive() const;
  /// Why a device that is named is not armed; empty when there is nothing to say.
  const std::string& problem() const { return problem_; }
  /// How often alive() has to come, at least.
  static constexpr std::int64_t interval_ms = 5'000;

 private:
  int device_ = -1;
  std::string problem_;
};

}  // namespace bivouac::firmware
