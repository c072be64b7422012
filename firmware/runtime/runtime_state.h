// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <uv.h>

#include "firmware/platform/hardware_watchdog.h"
#include "firmware/platform/logger.h"
#include "firmware/platform/service_notify.h"
#include "firmware/runtime/event_sink.h"
#include "firmware/runtime/links.h"
#include "firmware/runtime/operators.h"
#include "firmware/runtime/runtime.h"

// The inside of Runtime: runtime.cpp turns the loop, runtime_upkeep.cpp does what recurs.

namespace bivouac::firmware {

/// How long one turn of the loop kept everybody else waiting: now and in the minute before.
class LagMeter {
 public:
  void woke() { woke_ns_ = uv_hrtime(); }
  void sleeps() {
    if (woke_ns_ == 0) return;
    const std::uint64_t us = (uv_hrtime() - woke_ns_) / 1000;
    woke_ns_ = 0;
    max_us_ = std::max(max_us_, us);
    if (us > alarm_us) log::warning("loop_lag", {{"ms", std::to_string(us / 1000)}});
  }
  void next_minute() {
    before_us_ = max_us_;
    max_us_ = 0;
  }
  std::uint64_t max_us() const { return std::max(max_us_, before_us_); }

 private:
  static constexpr std::uint64_t alarm_us = 100'000;

  std::uint64_t woke_ns_ = 0;
  std::uint64_t max_us_ = 0;
  std::uint64_t before_us_ = 0;
};

/// How the store's thread wakes the loop. It may still want to when the loop is no more.
struct Waker {
  std::mutex mutex;
  uv_async_t* async = nullptr;

  void wake() {
    const std::scoped_lock lock(mutex);
    if (async != nullptr) uv_async_send(async);
  }
  void point_to(uv_async_t* target) {
    const std::scoped_lock lock(mutex);
    async = target;
  }
};

struct Runtime::State final : EventSink, driver::Outbox, driver::Alarm, StorePort::Listener {
  explicit State(RuntimeOptions given);
  virtual ~State();

  // EventSink
  void on_event(const engine::Event& event) override {
    if (commit != nullptr && !failed) commit->on_event(clock_now(), event);
  }
  bool may_accept() const override { return commit != nullptr && !failed && commit->may_accept(); }

  // driver::Outbox
  void release(const engine::Outgoing& outgoing) override {
    if (failed) return;
    if (!links->release(outgoing)) operators->release(outgoing);
  }
  void note(const Note& note) override;

  // driver::Alarm
  void arm(MonoMs deadline) override;
  void stop() override;

  // StorePort::Listener
  void on_committed(bool durable) override {
    using Outcome = driver::GroupCommit::Outcome;
    commit->on_committed(durable ? Outcome::committed : Outcome::failed);
    // Ready with the first commit, which is Boot's: before it nothing that we say could leave.
    if (durable && !std::exchange(ready, true)) service.ready("serving");
  }
  void on_space(bool low) override { on_event(engine::Space{low}); }
  void on_pong() override { store_turned = true; }
  void on_failed() override { stop(); }

  void open_handles();
  void close_handles();
  void start_handles();
  int run();
  void let_go();
  void end_of_turn();
  void housekeeping();
  void feed_watchdog();
  void judge_clock(bool first);
  void begin_reload();
  void end_reload(std::expected<Reloaded, std::string> fresh);
  void begin_stop(const char* why);
  void check_drained();
  engine::Telemetry telemetry();

  RuntimeOptions options;
  uv_loop_t loop{};
  ConnectionIds ids;
  ClockTrust clock;
  ServiceNotify service;
  HardwareWatchdog hardware_watchdog;
  std::optional<Links> links;
  std::optional<Operators> operators;
  LagMeter lag;

  node::Gateway* gateway = nullptr;
  driver::GroupCommit* commit = nullptr;
  StorePort* store = nullptr;

  uv_prepare_t prepare{};
  uv_check_t check{};
  uv_timer_t tick{};
  uv_timer_t house{};
  uv_timer_t watchdog{};
  uv_timer_t drain{};
  uv_async_t wake{};
  uv_async_t stop_request{};
  uv_signal_t hangup{};
  uv_signal_t terminate{};
  uv_signal_t interrupt{};
  std::shared_ptr<Waker> waker = std::make_shared<Waker>();

  MonoMs armed = MonoMs::never();
  MonoMs stop_by;
  std::uint64_t rounds = 0;
  bool reloading = false;
  bool reload_again = false;
  bool stopping = false;
  bool failed = false;
  bool ready = false;        // the supervisor was told so
  bool store_turned = true;  // since the last ping
};

}  // namespace bivouac::firmware
