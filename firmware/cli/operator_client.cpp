// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/operator_client.h"

#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "core/wire/frame.h"
#include "core/wire/operator_message.h"
#include "firmware/cli/words.h"
#include "firmware/platform/clock_trust.h"

namespace bivouac::firmware::cli {
namespace {

constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max();

std::int64_t now_ms() { return monotonic_now().ms; }

/// Waits for readiness; false when the deadline came first.
bool wait_for(int descriptor, short events, std::int64_t deadline_ms) {
  while (true) {
    const std::int64_t left = deadline_ms == forever ? -1 : deadline_ms - now_ms();
    if (deadline_ms != forever && left <= 0) return false;
    pollfd entry{descriptor, events, 0};
    const int count = poll(&entry, 1, static_cast<int>(left));
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) return true;  // the call that follows tells the error
  }
}

std::string no_daemon(const std::string& path, int error) {
  const std::string text =
      "the daemon does not answer at " + path + " (" + std::strerror(error) + ")";
  if (error == EACCES || error == EPERM) return text + ": run this as its user or as root";
  return text +
         ": is `bivouac run` running? Name its file with --config, or its socket with --socket";
}

}  // namespace

std::expected<OperatorClient, std::string> OperatorClient::connect(const std::string& socket_path,
                                                                   DurationMs timeout) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path) {
    return std::unexpected("the path of the socket is too long: " + socket_path);
  }
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return std::unexpected(std::string("no socket: ") + std::strerror(errno));
  OperatorClient client(descriptor, socket_path, timeout);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return std::unexpected(no_daemon(socket_path, errno));
  }
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
  return client;
}

OperatorClient::~OperatorClient() {
  if (descriptor_ >= 0) close(descriptor_);
}

OperatorClient::OperatorClient(OperatorClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      socket_path_(std::move(other.socket_path_)),
      timeout_(other.timeout_) {}

std::string OperatorClient::silent() const {
  return "the daemon at " + socket_path_ + " took longer than " +
         span_in_words(static_cast<std::uint64_t>(timeout_.ms)) +
         ": look at its log, or wait longer with --timeout";
}

std::expected<void, std::string> OperatorClient::send(const Bytes& frame) {
  const std::int64_t deadline_ms = now_ms() + timeout_.ms;
  std::size_t sent = 0;
  while (sent < frame.size()) {
    if (!wait_for(descriptor_, POLLOUT, deadline_ms)) return std::unexpected(silent());
    const ssize_t count =
        ::send(descriptor_, frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL);
    if (count > 0) {
      sent += static_cast<std::size_t>(count);
    } else if (errno != EAGAIN && errno != EINTR) {
      return std::unexpected("the daemon hung up (" + std::string(std::strerror(errno)) +
                             "): look at its log");
    }
  }
  return {};
}

std::expected<void, std::string> OperatorClient::read_exactly(std::uint8_t* out, std::size_t size,
                                                              std::int64_t deadline_ms) {
  std::size_t got = 0;
  while (got < size) {
    if (!wait_for(descriptor_, POLLIN, deadline_ms)) return std::unexpected(silent());
    const ssize_t count = recv(descriptor_, out + got, size - got, 0);
    if (count > 0) {
      got += static_cast<std::size_t>(count);
    } else if (count == 0) {
      return std::unexpected(
          "the daemon hung up: it stopped, it refused the request, or too many operators talk to "
          "it. "
          "Its log says more");
    } else if (errno != EAGAIN && errno != EINTR) {
      return std::unexpected("the daemon hung up (" + std::string(std::strerror(errno)) + ")");
    }
  }
  return {};
}

std::expected<OperatorAnswer, std::string> OperatorClient::receive(bool patient) {
  const std::int64_t deadline_ms = patient ? forever : now_ms() + timeout_.ms;
  std::uint8_t header_bytes[limits::frame_header_bytes];
  if (auto read = read_exactly(header_bytes, sizeof header_bytes, deadline_ms); !read) {
    return std::unexpected(read.error());
  }
  const auto strange = [](Cause cause) {
    return std::unexpected("the daemon's answer cannot be read: " + in_words(cause) +
                           ". Is it another version of this program?");
  };
  const Result<wire::FrameHeader> header = wire::read_header(header_bytes, limits::frame_bytes_max);
  if (!header) return strange(header.error());
  OperatorAnswer answer;
  answer.bytes.resize(header->body_bytes);
  // The rest of a frame that has begun comes at once, or something is broken.
  if (auto read = read_exactly(answer.bytes.data(), answer.bytes.size(),
                               patient ? now_ms() + timeout_.ms : deadline_ms);
      !read) {
    return std::unexpected(read.error());
  }
  const Result<const wire::fb::OperatorMessage*> message =
      wire::verify_operator({*header, answer.bytes});
  if (!message) return strange(message.error());
  return answer;
}

std::expected<OperatorAnswer, std::string> OperatorClient::ask(const Bytes& request,
                                                               wire::fb::OperatorBody answer) {
  if (auto sent = send(request); !sent) return std::unexpected(sent.error());
  std::expected<OperatorAnswer, std::string> received = receive(false);
  if (!received || received->message().body_type() == answer) return received;
  // A request that the daemon refuses outright is answered by an operation that failed.
  const auto* operation = received->message().body_as_OperationAnswer();
  if (operation == nullptr) {
    return std::unexpected("the daemon answered something else: is it another version?");
  }
  const auto cause = static_cast<Cause>(operation->cause());
  return std::unexpected(in_words(cause) + ": " + std::string(explain(cause).hint));
}

}  // namespace bivouac::firmware::cli
