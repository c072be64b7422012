// SPDX-License-Identifier: Apache-2.0
#include "firmware/platform/hardware_watchdog.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

using namespace bivouac::firmware;

namespace {

/// A file in the place of the device: what is written to it can be read.
class Device {
 public:
  Device() : path_("/tmp/bivouac-watchdog-" + std::to_string(::getpid())) {
    std::ofstream(path_).close();
    ::setenv("BIVOUAC_WATCHDOG", path_.c_str(), 1);
  }
  ~Device() { std::filesystem::remove(path_); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  std::string written() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("without a device that is named no watchdog is armed") {
  ::unsetenv("BIVOUAC_WATCHDOG");
  const HardwareWatchdog watchdog;
  watchdog.alive();
  CHECK_FALSE(watchdog.is_armed());
  CHECK(watchdog.problem().empty());
}

TEST_CASE("a watchdog is fed when we are alive, and disarmed by an orderly end") {
  const Device device;
  {
    const HardwareWatchdog watchdog;
    CHECK(watchdog.is_armed());
    CHECK(std::getenv("BIVOUAC_WATCHDOG") == nullptr);
    CHECK(device.written().empty());
    watchdog.alive();
    watchdog.alive();
    CHECK(device.written() == std::string(2, '\0'));
  }
  CHECK(device.written() == std::string(2, '\0') + 'V');
}

TEST_CASE("a device that cannot be opened, or is no watchdog, is told") {
  ::setenv("BIVOUAC_WATCHDOG", "/nowhere/watchdog0", 1);
  const HardwareWatchdog missing;
  CHECK_FALSE(missing.is_armed());
  CHECK(missing.problem().find("/nowhere/watchdog0") != std::string::npos);

  const Device device;
  const HardwareWatchdog file;
  CHECK(file.problem().find("timeout") != std::string::npos);
}
