// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <sys/socket.h>
#include <unistd.h>

#include "firmware/crypto/tls_session.h"
#include "firmware/platform/clock_trust.h"
#include "firmware/runtime/resolver.h"

// A TLS connection of a command that waits for it: no loop, but a deadline for each call.

namespace bivouac::firmware::cli {

class Socket {
 public:
  explicit Socket(int family)
      : descriptor_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }
  /// False when it is not ready for these poll events by then.
  bool wait(short events, MonoMs deadline) const;

 private:
  int descriptor_;
};

/// Empty when connected; else why not.
std::string connect_to(const Socket& socket, const SocketAddress& address);

bool send_all(const Socket& socket, TlsSession& session, MonoMs deadline);

enum class Received : std::uint8_t { bytes, closed, nothing };

/// What comes until then, into the session.
Received receive_some(const Socket& socket, TlsSession& session, MonoMs deadline);

}  // namespace bivouac::firmware::cli
