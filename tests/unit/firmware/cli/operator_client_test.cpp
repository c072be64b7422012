// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/operator_client.h"

#include <cstring>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "core/wire/operator_message.h"

using namespace bivouac;
using namespace bivouac::firmware::cli;
namespace fb = bivouac::wire::fb;

namespace {

/// A daemon that takes one request and answers it with given bytes, in pieces.
class FakeDaemon {
 public:
  explicit FakeDaemon(Bytes answer) : answer_(std::move(answer)) {
    path_ = "/tmp/bivouac-cli-test-" + std::to_string(getpid());
    unlink(path_.c_str());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    listener_ = socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(listener_, 1) == 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeDaemon() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }

 private:
  void serve() const {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    std::uint8_t request[256];
    if (recv(connection, request, sizeof request, 0) > 0) {
      const std::size_t half = answer_.size() / 2;
      send(connection, answer_.data(), half, MSG_NOSIGNAL);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      send(connection, answer_.data() + half, answer_.size() - half, MSG_NOSIGNAL);
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
    close(connection);
  }

  std::string path_;
  Bytes answer_;
  int listener_ = -1;
  std::thread thread_;
};

std::expected<OperatorAnswer, std::string> ask(const FakeDaemon& daemon, fb::OperatorBody answer) {
  auto client = OperatorClient::connect(daemon.path(), DurationMs{200});
  if (!client) return std::unexpected(client.error());
  return client->ask(wire::build_status_request(), answer);
}

}  // namespace

TEST_CASE("an answer that comes in pieces is whole") {
  const FakeDaemon daemon(wire::build_operation_answer(fb::OutcomeKind::done, Cause::none,
                                                       "sip:fire@alpha.example", GroupVersion{7}));
  const auto answer = ask(daemon, fb::OperatorBody::OperationAnswer);
  REQUIRE(answer);
  CHECK(answer->message().body_as_OperationAnswer()->version() == 7);
}

TEST_CASE("a request that the daemon refuses is told in words, with a hint") {
  const FakeDaemon daemon(
      wire::build_operation_answer(fb::OutcomeKind::failed, Cause::group_unknown, "", {}));
  const auto answer = ask(daemon, fb::OperatorBody::StatusAnswer);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().contains(
      "the group is not known there (group_unknown): compare the group ID"));
}

TEST_CASE("a daemon that says nothing is given up after the deadline") {
  const FakeDaemon daemon({});
  const auto answer = ask(daemon, fb::OperatorBody::StatusAnswer);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().contains("took longer than 0.2 s"));
}

TEST_CASE("bytes that are no frame are refused") {
  const FakeDaemon daemon(Bytes(64, 0xff));
  const auto answer = ask(daemon, fb::OperatorBody::StatusAnswer);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().contains("cannot be read"));
}

TEST_CASE("a frame whose message is damaged is refused") {
  Bytes frame = wire::build_operation_answer(fb::OutcomeKind::done, Cause::none, "", {});
  for (std::size_t i = limits::frame_header_bytes; i < frame.size(); ++i) frame[i] = 0xff;
  const FakeDaemon daemon(std::move(frame));
  CHECK_FALSE(ask(daemon, fb::OperatorBody::StatusAnswer));
}

TEST_CASE("without a daemon the operator is told what to look at") {
  const auto client = OperatorClient::connect("/nonexistent/operator.sock", DurationMs{100});
  REQUIRE_FALSE(client);
  CHECK(client.error().contains("does not answer at /nonexistent/operator.sock"));
  CHECK(client.error().contains("is `bivouac run` running?"));
}
