// SPDX-License-Identifier: Apache-2.0
// The loop around the real core: start, link, reload, stop, failure.
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <catch2/catch_test_macros.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/wire/operator_message.h"
#include "tests/integration/runtime_bench.h"

using namespace bivouac;
using namespace bivouac::test;

namespace {

/// The operator's end of the local socket.
class Command {
 public:
  explicit Command(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    connected =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const timeval patience{30, 0};  // a machine may be busy; who is turned away does not wait
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Command() { ::close(socket_); }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  void say(ByteView bytes) {
    CHECK(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0);
  }
  /// The body of the next frame; empty when the daemon hangs up.
  Bytes hear() {
    const Bytes header = read(8);
    if (header.size() < 8) return {};
    std::uint32_t size = 0;
    std::memcpy(&size, header.data(), 4);
    return read(size);
  }

  bool connected = false;
  bool hung_up = false;  // the daemon has

 private:
  Bytes read(std::size_t size) {
    Bytes out(size);
    std::size_t have = 0;
    while (have < size) {
      const ssize_t count = ::recv(socket_, out.data() + have, size - have, 0);
      if (count < 0 && errno == EINTR) continue;
      hung_up = count == 0 || (count < 0 && errno == ECONNRESET);
      if (count <= 0) UNSCOPED_INFO((hung_up ? "the daemon has hung up" : "the daemon is silent"));
      if (count <= 0) break;
      have += static_cast<std::size_t>(count);
    }
    out.resize(have);
    return out;
  }

  int socket_;
};

}  // namespace

TEST_CASE("two gateways dial, log on, and part in peace", "[runtime]") {
  const LogCapture log;
  const Folder folder;
  const TrialPki pki;
  Daemon alpha(folder, pki, "alpha");
  alpha.add_partner("bravo");
  alpha.prepare();
  Daemon bravo(folder, pki, "bravo");
  bravo.add_partner("alpha", alpha.address());
  alpha.start();
  bravo.start();
  CHECK(eventually([] {
    return LogCapture::has("link_up") && LogCapture::has("subject=sip:alpha.example") &&
           LogCapture::has("subject=sip:bravo.example");
  }));
  CHECK(bravo.end() == 0);
  CHECK(bravo.store.closed);
  CHECK(eventually([] { return LogCapture::has("link_down"); }));
  CHECK(alpha.end() == 0);
}

TEST_CASE("SIGTERM ends a gateway with success", "[runtime]") {
  const LogCapture log;
  const Folder folder;
  const TrialPki pki;
  Daemon alpha(folder, pki, "alpha");
  alpha.start();
  REQUIRE(eventually([] { return LogCapture::has("listening"); }));
  ::kill(::getpid(), SIGTERM);
  CHECK(eventually([&] { return alpha.ended.load(); }));
  CHECK(alpha.wait() == 0);
  CHECK(alpha.store.closed);
}

TEST_CASE("a failed commit ends the gateway at once and nothing that hung on it leaves",
          "[runtime]") {
  const LogCapture log;
  const Folder folder;
  const TrialPki pki;
  Daemon alpha(folder, pki, "alpha");
  alpha.store.failing = true;
  alpha.start();  // the first commit holds the incarnation
  CHECK(eventually([&] { return alpha.ended.load(); }));
  CHECK(alpha.wait() == 1);
  CHECK(LogCapture::has("store_failed"));
  CHECK_FALSE(alpha.store.closed);
}

TEST_CASE("damage that the store meets in idle time ends the gateway without waiting for a commit",
          "[runtime]") {
  const LogCapture log;
  const Folder folder;
  const TrialPki pki;
  Daemon alpha(folder, pki, "alpha");
  alpha.start();
  REQUIRE(eventually([&] { return alpha.store.commits > 0; }));
  alpha.store.break_when_idle();
  CHECK(eventually([&] { return alpha.ended.load(); }));
  CHECK(alpha.wait() == 1);
  CHECK(LogCapture::has("store_failed"));
  CHECK_FALSE(alpha.store.closed);
}

TEST_CASE("a stop does not wait for a stuck store longer than its patience", "[runtime][slow]") {
  const LogCapture log;
  const Folder folder;
  const TrialPki pki;
  Daemon alpha(folder, pki, "alpha");
  alpha.store.stuck = true;
  alpha.start();
  REQUIRE(eventually([] { return LogCapture::has("listening"); }));
  CHECK(alpha.end() == 0);
  CHECK(LogCapture::has("drain_cut_short"));
}

TEST_CASE("the operator's socket is private, answers, and hangs up on rubbish", "[runtime]") {
  const LogCapture log;
  const Folder folder;
  const TrialPki pki;
  Daemon alpha(folder, pki, "alpha");
  alpha.options.operator_socket = folder.path() + "/operator.sock";
  alpha.start();
  REQUIRE(eventually([] { return LogCapture::has("listening"); }));
  struct stat status{};
  REQUIRE(::stat(alpha.options.operator_socket.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);

  Command command(alpha.options.operator_socket);
  REQUIRE(command.connected);
  command.say(wire::build_status_request());
  const Bytes first = command.hear();
  CHECK_FALSE(first.empty());
  // Two requests in one write, the second cut in half.
  Bytes twice = wire::build_status_request();
  const Bytes one = twice;
  twice.insert(twice.end(), one.begin(), one.begin() + 11);
  command.say(twice);
  CHECK_FALSE(command.hear().empty());
  command.say(ByteView(one).subspan(11));
  CHECK_FALSE(command.hear().empty());

  Command rubbish(alpha.options.operator_socket);
  rubbish.say(as_bytes("status please, and quickly"));
  CHECK(rubbish.hear().empty());
  CHECK(rubbish.hung_up);
  command.say(one);
  CHECK_FALSE(command.hear().empty());
  CHECK(alpha.end() == 0);
  CHECK(::stat(alpha.options.operator_socket.c_str(), &status) != 0);
}

TEST_CASE("more operators than there may be are turned away, the others stay", "[runtime]") {
  const LogCapture log;
  const Folder folder;
  const TrialPki pki;
  Daemon alpha(folder, pki, "alpha");
  alpha.options.operator_socket = folder.path() + "/operator.sock";
  alpha.start();
  REQUIRE(eventually([] { return LogCapture::has("listening"); }));
  std::vector<std::unique_ptr<Command>> commands;
  for (std::size_t i = 0; i < limits::operator_connections_max; ++i) {
    commands.push_back(std::make_unique<Command>(alpha.options.operator_socket));
    commands.back()->say(wire::build_status_request());
    CHECK_FALSE(commands.back()->hear().empty());
  }
  Command one_more(alpha.options.operator_socket);
  CHECK(one_more.hear().empty());
  CHECK(one_more.hung_up);
  commands[0]->say(wire::build_status_request());
  CHECK_FALSE(commands[0]->hear().empty());
}

TEST_CASE("SIGHUP takes what is good and keeps the old when it is not", "[runtime]") {
  const LogCapture log;
  const Folder folder;
  const TrialPki pki;
  Daemon alpha(folder, pki, "alpha");
  std::atomic<bool> good = false;
  alpha.options.reload = [&]() -> std::expected<firmware::Reloaded, std::string> {
    if (!good) return std::unexpected("gateway.toml:3:1: no such key");
    return firmware::Reloaded{alpha.options.configuration, alpha.options.credentials};
  };
  alpha.start();
  REQUIRE(eventually([] { return LogCapture::has("listening"); }));
  ::kill(::getpid(), SIGHUP);
  CHECK(eventually(
      [] { return LogCapture::has("reload_failed") && LogCapture::has("gateway.toml:3:1"); }));
  good = true;
  ::kill(::getpid(), SIGHUP);
  CHECK(eventually([] { return LogCapture::has(">reloaded"); }));
  CHECK(alpha.end() == 0);
}

TEST_CASE(
    "the service manager hears of readiness, and the watchdog is fed only while the store turns",
    "[runtime]") {
  const LogCapture log;
  const Folder folder;
  const TrialPki pki;
  const std::string path = folder.path() + "/notify";
  const int manager = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  REQUIRE(::bind(manager, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  const auto heard = [&](const std::string& wanted) {
    char text[256];
    for (;;) {
      const ssize_t count = ::recv(manager, text, sizeof text, 0);
      if (count <= 0) return false;
      if (std::string(text, static_cast<std::size_t>(count)).starts_with(wanted)) return true;
    }
  };
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  ::setenv("WATCHDOG_USEC", "150000", 1);
  Daemon alpha(folder, pki, "alpha");
  alpha.start();
  CHECK(eventually([&] { return heard("READY=1"); }));
  CHECK(eventually([&] { return heard("WATCHDOG=1"); }));
  alpha.store.stuck = true;
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  while (heard("WATCHDOG=1")) continue;  // what was under way
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK_FALSE(heard("WATCHDOG=1"));
  alpha.end();
  CHECK(heard("STOPPING=1"));
  ::close(manager);
}
