// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/tls_stream.h"

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <poll.h>

#include "firmware/cli/words.h"

namespace bivouac::firmware::cli {
namespace {

constexpr std::int64_t connect_ms = 5'000;

}  // namespace

bool Socket::wait(short events, MonoMs deadline) const {
  while (true) {
    const std::int64_t left = (deadline - monotonic_now()).ms;
    if (left <= 0) return false;
    pollfd entry{descriptor_, events, 0};
    const int count = poll(&entry, 1, static_cast<int>(left));
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) return false;
  }
}

std::string connect_to(const Socket& socket, const SocketAddress& address) {
  if (socket.get() < 0) return std::strerror(errno);
  const socklen_t size =
      address.storage.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  if (connect(socket.get(), address.get(), size) == 0) return {};
  if (errno != EINPROGRESS) return std::strerror(errno);
  if (!socket.wait(POLLOUT, monotonic_now() + DurationMs{connect_ms})) {
    return "no answer within " + span_in_words(connect_ms) +
           ": is it in reach, is a firewall in between?";
  }
  int error = 0;
  socklen_t error_size = sizeof error;
  getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &error_size);
  if (error == ECONNREFUSED) return "refused: does the partner listen on that port?";
  return error == 0 ? std::string() : std::strerror(error);
}

bool send_all(const Socket& socket, TlsSession& session, MonoMs deadline) {
  while (!session.outgoing().empty()) {
    if (!socket.wait(POLLOUT, deadline)) return false;
    const ByteView bytes = session.outgoing().front();
    const ssize_t count = send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (count > 0) session.outgoing().consume(static_cast<std::size_t>(count));
  }
  return true;
}

Received receive_some(const Socket& socket, TlsSession& session, MonoMs deadline) {
  if (!socket.wait(POLLIN, deadline)) return Received::nothing;
  std::uint8_t buffer[4096];
  const ssize_t count = recv(socket.get(), buffer, sizeof buffer, 0);
  if (count <= 0) return Received::closed;
  session.incoming().append({buffer, static_cast<std::size_t>(count)});
  return Received::bytes;
}

}  // namespace bivouac::firmware::cli
