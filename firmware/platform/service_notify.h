// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bivouac::firmware {

/// Tells the service manager how we are, over the datagram socket that it names in NOTIFY_SOCKET.
/// Without one every call does nothing.
class ServiceNotify {
 public:
  ServiceNotify();  // reads and removes the variables from the environment
  ~ServiceNotify();
  ServiceNotify(const ServiceNotify&) = delete;
  ServiceNotify& operator=(const ServiceNotify&) = delete;

  void ready(std::string_view status) const;
  void reloading() const;
  void stopping() const;
  void alive() const;
  /// How long the manager waits for alive(); nothing when it does not watch.
  std::optional<std::int64_t> watchdog_ms() const { return watchdog_ms_; }

 private:
  void send(const std::string& text) const;

  int socket_ = -1;
  std::string path_;
  std::optional<std::int64_t> watchdog_ms_;
};

}  // namespace bivouac::firmware
