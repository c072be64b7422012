// SPDX-License-Identifier: Apache-2.0
#include "firmware/platform/service_notify.h"

#include <charconv>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "firmware/platform/text.h"

namespace bivouac::firmware {

namespace {

std::optional<std::int64_t> number(const char* text) {
  if (text == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const char* end = text + std::strlen(text);
  if (std::from_chars(text, end, value).ptr != end || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

ServiceNotify::ServiceNotify() {
  if (const char* path = std::getenv("NOTIFY_SOCKET");
      path != nullptr && (path[0] == '/' || path[0] == '@')) {
    path_ = path;
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  }
  const auto watched = number(std::getenv("WATCHDOG_PID"));
  const auto microseconds = number(std::getenv("WATCHDOG_USEC"));
  if (microseconds && (!watched || *watched == ::getpid())) watchdog_ms_ = *microseconds / 1000;
  ::unsetenv("NOTIFY_SOCKET");
  ::unsetenv("WATCHDOG_PID");
  ::unsetenv("WATCHDOG_USEC");
}

ServiceNotify::~ServiceNotify() {
  if (socket_ >= 0) ::close(socket_);
}

void ServiceNotify::send(const std::string& text) const {
  sockaddr_un address{};
  if (socket_ < 0 || path_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  if (path_[0] == '@') address.sun_path[0] = '\0';  // a name without a file
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  // A manager that does not read is no reason to wait: the next message tells it again.
  [[maybe_unused]] const ssize_t sent = ::sendto(socket_, text.data(), text.size(), MSG_NOSIGNAL,
                                                 reinterpret_cast<const sockaddr*>(&address), size);
}

void ServiceNotify::ready(std::string_view status) const {
  send(filled("READY=1\nSTATUS={}", status));
}
void ServiceNotify::stopping() const { send("STOPPING=1"); }
void ServiceNotify::alive() const { send("WATCHDOG=1"); }

void ServiceNotify::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t microseconds =
      static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  send(filled("RELOADING=1\nMONOTONIC_USEC={}", microseconds));
}

}  // namespace bivouac::firmware
