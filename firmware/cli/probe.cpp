// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/probe.h"

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "firmware/cli/words.h"
#include "firmware/config/settings.h"
#include "firmware/platform/clock_trust.h"
#include "firmware/runtime/resolve_now.h"

namespace bivouac::firmware::cli {
namespace {

constexpr std::int64_t connect_ms = 5'000;
constexpr std::int64_t handshake_ms = 10'000;
/// In TLS 1.3 the other side judges our certificate after we are done: its alert takes a moment.
constexpr std::int64_t verdict_ms = 1'500;

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
    if (progress == TlsSession::Progress::failed) return {false, session.report().detail};
    if (!sent || receive_some(socket, session, deadline) != Received::bytes) {
      return {false, "the other side hung up or fell silent in the handshake; its log says why"};
    }
  }
  const MonoMs verdict = monotonic_now() + DurationMs{verdict_ms};
  while (true) {
    std::uint8_t plain[1024];
    const TlsSession::Read read = session.read(plain);
    if (read.outcome == TlsSession::Reading::bytes) break;
    if (read.outcome != TlsSession::Reading::wants_input) {
      return {false, "the other side does not want us: " + session.error() + "; its log says why"};
    }
    const Received received = receive_some(socket, session, verdict);
    if (received == Received::nothing) break;
    if (received == Received::closed) {
      return {false, "the other side hung up after the handshake; its log says why"};
    }
  }
  return {true, session.report().tls_version + " with " + session.report().identity +
                    ", certificate until " + wall_in_words(session.report().expires.ms)};
}

/// What a name stands for: "127.0.0.1, ::1".
std::string in_words(const std::vector<SocketAddress>& addresses) {
  std::string text;
  for (const SocketAddress& address : addresses) {
    if (!text.empty()) text += ", ";
    text += to_text(address, false);
  }
  return text;
}

}  // namespace

std::vector<ProbeStep> probe(const std::string& address,
                             std::shared_ptr<const Credentials> credentials, PeerPolicy policy) {
  const auto split = split_address(address);
  if (!split) return {{false, split.error()}};
  const auto found = resolve_now(split->host, split->port);
  if (!found) {
    return {{false, "name: " + split->host + " does not resolve (" + found.error() +
                        "): is it spelt right, does a name server answer?"}};
  }
  std::vector<ProbeStep> steps;
  const bool is_name = !parse_address(split->host, split->port);
  if (is_name) steps.push_back({true, "name: " + split->host + " is " + in_words(*found)});
  std::string trouble;
  for (const SocketAddress& one : *found) {
    const Socket socket(one.storage.ss_family);
    const std::string why = connect_to(socket, one);
    if (!why.empty()) {
      trouble += (trouble.empty() ? "" : "; ") + (is_name ? to_text(one) + ": " : "") + why;
      continue;
    }
    steps.push_back({true, "TCP: connected" + (is_name ? " to " + to_text(one) : "")});
    TlsSession session(std::move(credentials), TlsRole::dialling, 0, std::move(policy));
    ProbeStep tls = shake_hands(socket, session);
    tls.text = "TLS: " + tls.text;
    steps.push_back(std::move(tls));
    return steps;
  }
  steps.push_back({false, "TCP: " + trouble});
  return steps;
}

}  // namespace bivouac::firmware::cli
