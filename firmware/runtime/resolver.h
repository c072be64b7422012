// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <ares.h>
#include <uv.h>

#include "firmware/runtime/socket_address.h"

namespace bivouac::firmware {

/// Names to addresses, on the loop: the pool's threads are for handshakes, and a dead name server
/// must not hold them.
class Resolver {
 public:
  using Result = std::expected<std::vector<SocketAddress>, std::string>;
  using Done = std::function<void(Result)>;

  explicit Resolver(uv_loop_t* loop);
  ~Resolver();  // after close() and the loop's end
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// `done` may be called before this returns: for addresses, and names in the hosts file.
  void resolve(const std::string& host, std::uint16_t port, Done done);
  /// Calls what is open back with an error and closes all handles.
  void close();

 private:
  struct Watch;
  void on_socket(ares_socket_t socket, bool readable, bool writable);
  void reread_name_servers();
  void keep_time();

  uv_loop_t* loop_;
  ares_channel_t* channel_ = nullptr;
  uv_timer_t* timer_ = nullptr;  // freed by its close callback
  std::map<ares_socket_t, Watch*> watches_;
  std::int64_t servers_changed_ns_ = 0;
};

}  // namespace bivouac::firmware
