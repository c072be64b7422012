// SPDX-License-Identifier: Apache-2.0
// A wire that can be cut: forwards TCP connections on loopback, for the demo and integration tests.
//
//   tcp_cutter LISTEN_PORT TARGET_PORT [--after BYTES]
//
// LISTEN_PORT 0 takes a free one; the port is printed in one line when it is ready. SIGUSR1 cuts:
// all connections are dropped, new ones too. SIGUSR2 heals. --after cuts once by itself, when so
// many bytes have passed towards the target: in the middle of a frame, if one wants. SIGTERM ends
// it, and a second line says how many bytes have passed towards the target in all.

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

/// One direction of a connection.
struct Flow {
  std::vector<char> waiting;
  bool ended = false;  // the sender is done
};

struct Connection {
  Connection(int near_number, int far_number) : near(near_number), far(far_number) {}
  Descriptor near;
  Descriptor far;
  Flow to_far;
  Flow to_near;
  bool broken = false;
};

constexpr std::size_t waiting_max = 256 * 1024;
constexpr std::size_t connections_max = 64;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int listen_on(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address = loopback(port);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, 16) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("tcp_cutter: listen");
    std::exit(1);
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

int catch_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGUSR1, SIGUSR2, SIGTERM, SIGINT}) sigaddset(&signals, number);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

class Cutter {
 public:
  Cutter(std::uint16_t listen_port, std::uint16_t target_port, long after)
      : signals_(catch_signals()),
        listener_(listen_on(listen_port)),
        target_port_(target_port),
        bytes_left_(after) {}

  void run() {
    while (!stopped_) {
      std::vector<pollfd> polled = {{signals_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
      for (const auto& connection : connections_) {
        polled.push_back(
            {connection->near.get(), wanted(connection->to_far, connection->to_near), 0});
        polled.push_back(
            {connection->far.get(), wanted(connection->to_near, connection->to_far), 0});
      }
      if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return;
      const std::size_t known = connections_.size();
      for (std::size_t i = 0; i < known; ++i) {
        forward(*connections_[i], polled[2 + 2 * i].revents, polled[3 + 2 * i].revents);
      }
      std::erase_if(connections_, [](const auto& connection) { return connection->broken; });
      if (polled[0].revents != 0) on_signal();
      if (polled[1].revents != 0) accept_one();
    }
    std::printf("%ld\n", passed_);
  }

 private:
  static short wanted(const Flow& from_here, const Flow& to_here) {
    const bool reads = !from_here.ended && from_here.waiting.size() < waiting_max;
    return static_cast<short>((reads ? POLLIN : 0) | (to_here.waiting.empty() ? 0 : POLLOUT));
  }

  void on_signal() {
    signalfd_siginfo info{};
    if (read(signals_.get(), &info, sizeof info) != sizeof info) return;
    switch (info.ssi_signo) {
      case SIGUSR1: cut(); break;
      case SIGUSR2: is_cut_ = false; break;
      default: stopped_ = true;
    }
  }

  /// Resets, so that neither side waits for what will not come.
  void cut() {
    is_cut_ = true;
    for (const auto& connection : connections_) {
      const linger at_once{1, 0};
      for (const int number : {connection->near.get(), connection->far.get()}) {
        setsockopt(number, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      }
    }
    connections_.clear();
  }

  void accept_one() {
    const int near = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (near < 0) return;
    const int far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto connection = std::make_unique<Connection>(near, far);
    const sockaddr_in target = loopback(target_port_);
    if (is_cut_ || connections_.size() >= connections_max || far < 0 ||
        connect(far, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) {
      return;
    }
    fcntl(far, F_SETFL, O_NONBLOCK);
    connections_.push_back(std::move(connection));
  }

  void forward(Connection& connection, short near_events, short far_events) {
    const auto readable = [](short events) { return (events & (POLLIN | POLLHUP | POLLERR)) != 0; };
    if (readable(near_events)) receive(connection, connection.near, connection.to_far);
    if (readable(far_events)) receive(connection, connection.far, connection.to_near);
    const bool was_cut = is_cut_;
    deliver(connection, connection.far, connection.to_far, true);
    deliver(connection, connection.near, connection.to_near, false);
    if (is_cut_ && !was_cut) connection.broken = true;
  }

  static void receive(Connection& connection, const Descriptor& from, Flow& flow) {
    if (flow.ended || flow.waiting.size() >= waiting_max) return;
    char buffer[16 * 1024];
    const ssize_t count = recv(from.get(), buffer, sizeof buffer, 0);
    if (count > 0) {
      flow.waiting.insert(flow.waiting.end(), buffer, buffer + count);
    } else if (count == 0) {
      flow.ended = true;
    } else if (errno != EAGAIN && errno != EINTR) {
      connection.broken = true;
    }
  }

  void deliver(Connection& connection, const Descriptor& to, Flow& flow, bool counted) {
    std::size_t size = flow.waiting.size();
    if (counted && bytes_left_ >= 0 && static_cast<long>(size) > bytes_left_) {
      size = static_cast<std::size_t>(bytes_left_);
    }
    if (size > 0) {
      const ssize_t count = send(to.get(), flow.waiting.data(), size, MSG_NOSIGNAL);
      if (count > 0) {
        flow.waiting.erase(flow.waiting.begin(), flow.waiting.begin() + count);
        if (counted) passed_ += count;
        if (counted && bytes_left_ >= 0) bytes_left_ -= count;
      } else if (errno != EAGAIN && errno != EINTR) {
        connection.broken = true;
      }
    }
    if (counted && bytes_left_ == 0) {
      bytes_left_ = -1;
      is_cut_ = true;
    }
    if (flow.ended && flow.waiting.empty()) connection.broken = true;
  }

  Descriptor signals_;
  Descriptor listener_;
  std::uint16_t target_port_;
  long bytes_left_;  // below 0: without end
  long passed_ = 0;
  bool is_cut_ = false;
  bool stopped_ = false;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace

int main(int argument_count, char** arguments) {
  const bool after = argument_count == 5 && std::strcmp(arguments[3], "--after") == 0;
  if (argument_count != 3 && !after) {
    std::fprintf(stderr, "usage: tcp_cutter LISTEN_PORT TARGET_PORT [--after BYTES]\n");
    return 2;
  }
  Cutter(static_cast<std::uint16_t>(std::atoi(arguments[1])),
         static_cast<std::uint16_t>(std::atoi(arguments[2])), after ? std::atol(arguments[4]) : -1)
      .run();
  return 0;
}
