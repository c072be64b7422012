// SPDX-License-Identifier: Apache-2.0
#include "firmware/platform/hardware_watchdog.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace bivouac::firmware {

namespace {

constexpr const char* variable = "BIVOUAC_WATCHDOG";
// Three times the interval, and below what every driver that we know allows (16 s).
constexpr int timeout_s = 15;
constexpr char disarm = 'V';  // what the kernel takes for an orderly end

}  // namespace

HardwareWatchdog::HardwareWatchdog() {
  const char* path = std::getenv(variable);
  if (path == nullptr) return;
  device_ = ::open(path, O_WRONLY | O_CLOEXEC);
  if (device_ < 0) problem_ = std::string(path) + ": " + std::strerror(errno);
  int seconds = timeout_s;
  // Some hardware knows one timeout only: the driver's then counts.
  if (device_ >= 0 && ::ioctl(device_, WDIOC_SETTIMEOUT, &seconds) != 0) {
    problem_ = std::string(path) + ": its timeout cannot be set: " + std::strerror(errno);
  }
  ::unsetenv(variable);
}

HardwareWatchdog::~HardwareWatchdog() {
  if (device_ < 0) return;
  [[maybe_unused]] const ssize_t written = ::write(device_, &disarm, 1);
  ::close(device_);
}

void HardwareWatchdog::alive() const {
  if (device_ < 0) return;
  // What cannot be written is fed the next time, or the box is reset: that is what it is for.
  [[maybe_unused]] const ssize_t written = ::write(device_, "\0", 1);
}

}  // namespace bivouac::firmware
