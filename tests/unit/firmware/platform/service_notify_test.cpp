// SPDX-License-Identifier: Apache-2.0
#include "firmware/platform/service_notify.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace bivouac::firmware;

namespace {

/// The service manager's end: a datagram socket without a file.
class Manager {
 public:
  Manager() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
  }
  ~Manager() { ::close(socket_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  std::string hears() const {
    std::array<char, 256> text{};
    const ssize_t count = ::recv(socket_, text.data(), text.size(), 0);
    return count < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(count));
  }

 private:
  const std::string name = "bivouac-test-" + std::to_string(::getpid());
  int socket_;
};

}  // namespace

TEST_CASE("without a service manager nothing is said and nothing is watched") {
  ::unsetenv("NOTIFY_SOCKET");
  ::unsetenv("WATCHDOG_USEC");
  const ServiceNotify notify;
  notify.ready("x");
  CHECK_FALSE(notify.watchdog_ms().has_value());
}

TEST_CASE("a service manager hears of readiness, life, reload and end") {
  const Manager manager;
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::unsetenv("WATCHDOG_PID");
  const ServiceNotify notify;
  CHECK(notify.watchdog_ms() == 30'000);
  CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
  notify.ready("serving");
  CHECK(manager.hears() == "READY=1\nSTATUS=serving");
  notify.alive();
  CHECK(manager.hears() == "WATCHDOG=1");
  notify.reloading();
  CHECK(manager.hears().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  notify.stopping();
  CHECK(manager.hears() == "STOPPING=1");
}

TEST_CASE("a watchdog meant for another process is not ours") {
  ::setenv("WATCHDOG_USEC", "1000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  CHECK_FALSE(ServiceNotify().watchdog_ms().has_value());
}
