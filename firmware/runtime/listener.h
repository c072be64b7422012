// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <uv.h>

#include "firmware/runtime/links.h"

namespace bivouac::firmware {

/// One bound address.
struct Links::Listener {
  uv_tcp_t* handle = nullptr;  // freed by its close callback
  Links* owner = nullptr;
  std::string address;
  std::uint16_t port = 0;
  /// A connection lies in the kernel's queue and is not taken yet: too many strangers.
  bool waiting = false;

  void close();
};

/// "192.0.2.1:4711" -> "192.0.2.1", "[2001:db8::1]:4711" -> "2001:db8::1"
std::string host_of(const std::string& address);

}  // namespace bivouac::firmware
