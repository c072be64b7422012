// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/probe.h"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "firmware/cli/words.h"
#include "firmware/config/settings.h"
#include "firmware/platform/clock_trust.h"

namespace bivouac::firmware::cli {
namespace {

constexpr std::int64_t connect_ms = 5'000;
constexpr std::int64_t handshake_ms = 10'000;
/// In TLS 1.3 the other side judges our certificate after we are done: its alert takes a moment.
constexpr std::int64_t verdict_ms = 1'500;

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }
  bool wait(short events, MonoMs deadline) const {
    while (true) {
      const std::int64_t left = (deadline - monotonic_now()).ms;
      if (left <= 0) return false;
      pollfd entry{descriptor_, events, 0};
      const int count = poll(&entry, 1, static_cast<int>(left));
      if (count > 0) return true;
      if (count < 0 && errno != EINTR) return false;
    }
  }

 private:
  int descriptor_;
};

/// Empty when connected; else why not.
std::string connect_to(const Socket& socket, const sockaddr* address, socklen_t size) {
  if (socket.get() < 0) return std::strerror(errno);
  if (connect(socket.get(), address, size) == 0) return {};
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

enum class Received : std::uint8_t { bytes, closed, nothing };

Received receive_some(const Socket& socket, TlsSession& session, MonoMs deadline) {
  if (!socket.wait(POLLIN, deadline)) return Received::nothing;
  std::uint8_t buffer[4096];
  const ssize_t count = recv(socket.get(), buffer, sizeof buffer, 0);
  if (count <= 0) return Received::closed;
  session.incoming().append({buffer, static_cast<std::size_t>(count)});
  return Received::bytes;
}

ProbeStep shake_hands(const Socket& socket, TlsSession& session) {
  const MonoMs deadline = monotonic_now() + DurationMs{handshake_ms};
  while (true) {
    const TlsSession::Progress progress = session.handshake();
    const bool sent = send_all(socket, session, deadline);
    if (progress == TlsSession::Progress::finished) break;
    if (progress == TlsSession::Progress::failed)
      return {ProbeStep::Verdict::bad, session.report().detail};
    if (!sent || receive_some(socket, session, deadline) != Received::bytes) {
      return {ProbeStep::Verdict::bad,
              "the other side hung up or fell silent in the handshake; its log says why"};
    }
  }
  const MonoMs verdict = monotonic_now() + DurationMs{verdict_ms};
  while (true) {
    std::uint8_t plain[1024];
    const TlsSession::Read read = session.read(plain);
    if (read.outcome == TlsSession::Reading::bytes) break;
    if (read.outcome != TlsSession::Reading::wants_input) {
      return {ProbeStep::Verdict::bad,
              "the other side does not want us: " + session.error() + "; its log says why"};
    }
    const Received received = receive_some(socket, session, verdict);
    if (received == Received::nothing) break;
    if (received == Received::closed) {
      return {ProbeStep::Verdict::bad,
              "the other side hung up after the handshake; its log says why"};
    }
  }
  return {ProbeStep::Verdict::good, session.report().tls_version + " with " +
                                        session.report().identity + ", certificate until " +
                                        wall_in_words(session.report().expires.ms)};
}

}  // namespace

std::vector<ProbeStep> probe(const std::string& address,
                             std::shared_ptr<const Credentials> credentials, PeerPolicy policy) {
  using Verdict = ProbeStep::Verdict;
  const auto split = split_address(address);
  if (!split) return {{Verdict::bad, split.error()}};
  sockaddr_in6 v6{};
  sockaddr_in v4{};
  v6.sin6_family = AF_INET6;
  v4.sin_family = AF_INET;
  v6.sin6_port = v4.sin_port = htons(split->port);
  const bool is_v4 = inet_pton(AF_INET, split->host.c_str(), &v4.sin_addr) == 1;
  if (!is_v4 && inet_pton(AF_INET6, split->host.c_str(), &v6.sin6_addr) != 1) {
    return {
        {Verdict::untried, "a name is resolved by the daemon: see its link in `bivouac status`"}};
  }
  const auto* target =
      is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  const Socket socket(::socket(target->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const std::string trouble =
      connect_to(socket, target, static_cast<socklen_t>(is_v4 ? sizeof v4 : sizeof v6));
  if (!trouble.empty()) return {{Verdict::bad, "TCP: " + trouble}};
  TlsSession session(std::move(credentials), TlsRole::dialling, 0, std::move(policy));
  ProbeStep tls = shake_hands(socket, session);
  tls.text = "TLS: " + tls.text;
  return {{Verdict::good, "TCP: connected"}, std::move(tls)};
}

}  // namespace bivouac::firmware::cli
