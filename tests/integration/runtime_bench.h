// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/driver/group_commit.h"
#include "core/node/gateway.h"
#include "core/store/table.h"
#include "firmware/runtime/runtime.h"
#include "tests/support/trial_pki.h"

// A whole gateway in a thread of the test, with a store that only says that it has stored.

namespace bivouac::test {

/// Answers from a thread of its own, as the real one does.
class PretendedStore final : public driver::Transaction, public firmware::StorePort {
 public:
  ~PretendedStore() { join(); }

  void commit(Bytes) override {
    if (!stuck) answer(failing ? What::failed : What::committed);
  }
  void attach(std::function<void()> wake) override { wake_ = std::move(wake); }
  void collect(Listener& listener) override;
  void ping() override {
    if (!stuck) answer(What::pong);
  }
  void fill(engine::Telemetry& telemetry) override { telemetry.commits = commits; }
  /// As when damage is found and nobody has asked for a commit.
  void break_when_idle() {
    {
      const std::scoped_lock lock(mutex_);
      answers_.push_back(What::broken);
    }
    wake_();
  }
  void checkpoint_and_close() override {
    join();
    closed = true;
  }

  std::atomic<bool> failing = false;
  std::atomic<bool> stuck = false;
  std::atomic<bool> closed = false;
  std::atomic<std::uint64_t> commits = 0;

 private:
  enum class What { committed, failed, pong, broken };
  void answer(What what);
  void join() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    threads_.clear();
  }

  std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<What> answers_;
  std::vector<std::thread> threads_;
};

class Daemon {
 public:
  Daemon(const Folder& folder, const TrialPki& pki, const std::string& name);
  ~Daemon() { end(); }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  void add_partner(const std::string& name, const std::string& address = "");
  /// Binds; the port is known from then on.
  void prepare();
  void start();
  /// Asks for a graceful end unless it has ended, and returns the exit code.
  int end();
  /// The exit code, once the loop has ended by itself.
  int wait();
  std::string address() const { return "127.0.0.1:" + std::to_string(port); }

  firmware::RuntimeOptions options;
  engine::Configuration configuration;
  PretendedStore store;
  std::uint16_t port = 0;
  std::atomic<bool> ended = false;

 private:
  std::unique_ptr<firmware::Runtime> runtime_;
  std::thread thread_;
  int code_ = -1;
};

/// The real time may pass, within bounds.
bool eventually(const std::function<bool()>& condition, std::int64_t within_ms = 10'000);

/// Log lines of all daemons since the last clear, while it lives.
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  static bool has(const std::string& part);
};

}  // namespace bivouac::test
