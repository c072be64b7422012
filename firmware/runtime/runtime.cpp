// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/runtime.h"

#include <uv.h>

#include <algorithm>
#include <csignal>
#include <format>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "core/base/assert.h"
#include "firmware/platform/logger.h"
#include "firmware/platform/process.h"
#include "firmware/platform/service_notify.h"
#include "firmware/runtime/event_sink.h"
#include "firmware/runtime/links.h"
#include "firmware/runtime/operators.h"

namespace bivouac::firmware {

namespace {

constexpr std::uint64_t housekeeping_ms = 2'000;
constexpr DurationMs drain_time{5'000};
/// Events that the end of a turn causes are flushed in the same turn, so often at most.
constexpr int flushes_per_turn = 4;
constexpr std::uint64_t lag_alarm_us = 100'000;

/// How long one turn of the loop kept everybody else waiting: now and in the minute before.
class LagMeter {
 public:
  void woke() { woke_ns_ = uv_hrtime(); }
  void sleeps() {
    if (woke_ns_ == 0) return;
    const std::uint64_t us = (uv_hrtime() - woke_ns_) / 1000;
    woke_ns_ = 0;
    max_us_ = std::max(max_us_, us);
    if (us > lag_alarm_us) log::warning("loop_lag", {{"ms", std::to_string(us / 1000)}});
  }
  void next_minute() {
    before_us_ = max_us_;
    max_us_ = 0;
  }
  std::uint64_t max_us() const { return std::max(max_us_, before_us_); }

 private:
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

template <class Handle>
uv_handle_t* as_handle(Handle& handle) {
  return reinterpret_cast<uv_handle_t*>(&handle);
}

std::size_t lane_count() {
  const std::size_t threads = pool_threads();
  return threads > 3 ? threads - 2 : 1;
}

}  // namespace

struct Runtime::State final : EventSink, driver::Outbox, driver::Alarm, StorePort::Listener {
  explicit State(RuntimeOptions given) : options(std::move(given)), clock(options.clock) {
    const int code = uv_loop_init(&loop);
    BIVOUAC_ASSERT(code == 0);
    links.emplace(&loop, *this, ids, lane_count(), options.admission);
    links->use(options.configuration, options.credentials);
    operators.emplace(&loop, *this, ids, [this] { return telemetry(); });
    open_handles();
  }

  ~State() {
    links->close();
    operators->close();
    close_handles();
    while (uv_run(&loop, UV_RUN_DEFAULT) != 0) continue;
    links.reset();
    operators.reset();
    const int code = uv_loop_close(&loop);
    BIVOUAC_ASSERT(code == 0);
  }

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
  }
  void on_space(bool low) override { on_event(engine::Space{low}); }
  void on_pong() override { store_turned = true; }

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
  std::uint64_t houses = 0;
  bool reloading = false;
  bool reload_again = false;
  bool stopping = false;
  bool failed = false;
  bool store_turned = true;  // since the last ping
};

void Runtime::State::note(const Note& note) {
  const log::Level level = note.kind == NoteKind::step ? log::Level::debug : log::Level::info;
  log::write(level, bivouac::name(note.kind),
             {{"clause", std::string(note.clause_step)},
              {"subject", note.subject},
              {"object", note.object},
              {"cause", std::string(note.cause == Cause::none ? "" : bivouac::name(note.cause))},
              {"number", std::to_string(note.number)}});
}

void Runtime::State::arm(MonoMs deadline) {
  if (deadline == armed) return;
  armed = deadline;
  if (deadline == MonoMs::never()) {
    uv_timer_stop(&tick);
    return;
  }
  // The loop's own idea of time is as old as its last wake-up: without this the timer fires early.
  uv_update_time(&loop);
  const std::int64_t delay = std::max<std::int64_t>(0, (deadline - monotonic_now()).ms);
  uv_timer_start(
      &tick,
      [](uv_timer_t* timer) {
        auto* self = static_cast<State*>(timer->data);
        const MonoMs due = std::exchange(self->armed, MonoMs::never());
        // Rounding may wake us within the millisecond before; then flush arms the rest anew.
        if (monotonic_now() >= due) self->on_event(engine::Tick{});
      },
      static_cast<std::uint64_t>(delay), 0);
}

void Runtime::State::stop() {
  // The store failed: what is staged must not leave, so nothing is written, said or waited for.
  if (std::exchange(failed, true)) return;
  log::error("store_failed", {{"what", "the process ends, nothing that was not durable has left"}});
  uv_stop(&loop);
}

void Runtime::State::open_handles() {
  uv_prepare_init(&loop, &prepare);
  uv_check_init(&loop, &check);
  for (uv_timer_t* timer : {&tick, &house, &watchdog, &drain}) {
    uv_timer_init(&loop, timer);
    timer->data = this;
  }
  uv_async_init(&loop, &wake, [](uv_async_t* async) {
    auto* self = static_cast<State*>(async->data);
    if (self->commit != nullptr && !self->failed) self->store->collect(*self);
  });
  uv_async_init(&loop, &stop_request,
                [](uv_async_t* async) { static_cast<State*>(async->data)->begin_stop("asked to"); });
  for (uv_signal_t* signal : {&hangup, &terminate, &interrupt}) {
    uv_signal_init(&loop, signal);
    signal->data = this;
  }
  for (void** data : {&prepare.data, &check.data, &wake.data, &stop_request.data}) *data = this;
}

void Runtime::State::close_handles() {
  for (uv_handle_t* handle : {as_handle(prepare), as_handle(check), as_handle(tick), as_handle(house),
                              as_handle(watchdog), as_handle(drain), as_handle(wake), as_handle(stop_request),
                              as_handle(hangup), as_handle(terminate), as_handle(interrupt)}) {
    if (uv_is_closing(handle) == 0) uv_close(handle, nullptr);
  }
}

void Runtime::State::start_handles() {
  uv_prepare_start(&prepare, [](uv_prepare_t* handle) { static_cast<State*>(handle->data)->end_of_turn(); });
  uv_check_start(&check, [](uv_check_t* handle) { static_cast<State*>(handle->data)->lag.woke(); });
  uv_timer_start(
      &house, [](uv_timer_t* timer) { static_cast<State*>(timer->data)->housekeeping(); }, housekeeping_ms,
      housekeeping_ms);
  if (const auto limit = service.watchdog_ms()) {
    const auto interval = static_cast<std::uint64_t>(std::max<std::int64_t>(*limit / 3, 1));
    uv_timer_start(
        &watchdog, [](uv_timer_t* timer) { static_cast<State*>(timer->data)->feed_watchdog(); }, interval, interval);
  }
  uv_signal_start(&hangup, [](uv_signal_t* signal, int) { static_cast<State*>(signal->data)->begin_reload(); }, SIGHUP);
  for (const auto& [signal, number] : {std::pair{&terminate, SIGTERM}, std::pair{&interrupt, SIGINT}}) {
    uv_signal_start(
        signal, [](uv_signal_t* handle, int) { static_cast<State*>(handle->data)->begin_stop("signal"); }, number);
  }
}

/// The last thing before the loop sleeps: what was staged goes to the disk, what may leave leaves.
void Runtime::State::end_of_turn() {
  if (commit == nullptr) {  // the core has had its last word; what is queued may still leave
    links->turn();
    return;
  }
  for (int i = 0; i < flushes_per_turn; ++i) {
    if (failed) return;
    commit->flush();
    const bool by_links = links->turn();
    const bool by_operators = operators->turn();
    if (!by_links && !by_operators) break;
    if (i + 1 == flushes_per_turn) uv_async_send(&wake);  // the rest in the next turn, at once
  }
  if (stopping) check_drained();
  lag.sleeps();
}

void Runtime::State::housekeeping() {
  judge_clock(false);
  if (++houses % 30 == 0) lag.next_minute();
  if (houses % 30 == 0) links->close_expired();
  if (houses % 43'200 == 0) {  // once a day
    for (const std::string& warning : options.credentials->warnings(wall_now())) {
      log::warning("certificate", {{"text", warning}});
    }
  }
}

void Runtime::State::feed_watchdog() {
  // This timer shows that the loop turns, the answer to the last ping that the store does.
  if (store_turned) service.alive();
  store_turned = false;
  store->ping();
}

void Runtime::State::judge_clock(bool first) {
  const DurationMs jump = clock.jump(clock_now());
  if (jump.ms != 0) log::warning("clock_jumped", {{"seconds", std::to_string(jump.ms / 1000)}});
  const bool was_trusted = clock.trusted();
  const auto changed = clock.poll();
  if (changed) {
    log::info("clock_trust", {{"trusted", *changed ? "yes" : "no"}});
    on_event(engine::Clock{*changed});
  }
  links->use_clock({clock.trusted(), gateway->clock_floor()});
  const bool went_on = jump.ms > 0 || (clock.trusted() && !was_trusted);
  if (!first && clock.trusted() && went_on) links->judge_all_again();
}

/// Files are read and keys checked on the pool; the loop goes on with the old ones meanwhile.
void Runtime::State::begin_reload() {
  if (stopping || !options.reload) return;
  if (reloading) {
    reload_again = true;
    return;
  }
  reloading = true;
  service.reloading();
  struct Job {
    uv_work_t request{};
    State* self = nullptr;
    std::expected<Reloaded, std::string> fresh = std::unexpected("not read");
  };
  auto job = std::make_unique<Job>();
  job->self = this;
  job->request.data = job.get();
  const int code = uv_queue_work(
      &loop, &job->request,
      [](uv_work_t* request) {
        auto* one = static_cast<Job*>(request->data);
        one->fresh = one->self->options.reload();
      },
      [](uv_work_t* request, int) {
        const std::unique_ptr<Job> finished(static_cast<Job*>(request->data));
        finished->self->end_reload(std::move(finished->fresh));
      });
  BIVOUAC_ASSERT(code == 0);
  static_cast<void>(job.release());  // now the callback's
}

void Runtime::State::end_reload(std::expected<Reloaded, std::string> fresh) {
  reloading = false;
  if (stopping || failed || commit == nullptr) return;
  if (!fresh) {
    log::error("reload_failed", {{"why", fresh.error()}, {"what", "the old configuration stays"}});
  } else {
    options.configuration = fresh->configuration;
    options.credentials = fresh->credentials;
    on_event(engine::Reload{fresh->configuration});
    links->use(fresh->configuration, fresh->credentials);
    log::info("reloaded", {{"partners", std::to_string(fresh->configuration->partners.size())}});
  }
  service.ready("serving");
  if (std::exchange(reload_again, false)) begin_reload();
}

void Runtime::State::begin_stop(const char* why) {
  if (std::exchange(stopping, true) || commit == nullptr) return;
  log::info("stopping", {{"why", why}});
  service.stopping();
  stop_by = monotonic_now() + drain_time;
  links->stop_listening();
  on_event(engine::Stop{});
  // Also the end of the patience, should nothing else wake the loop.
  uv_timer_start(&drain, [](uv_timer_t*) {}, 50, 50);
}

void Runtime::State::check_drained() {
  const bool patient = monotonic_now() < stop_by;
  if (patient && !(commit->is_idle() && links->is_drained())) return;
  if (!patient) log::warning("drain_cut_short", {{"seconds", std::to_string(drain_time.ms / 1000)}});
  uv_stop(&loop);
}

engine::Telemetry Runtime::State::telemetry() {
  engine::Telemetry out;
  links->fill(out);
  store->fill(out);
  out.loop_lag_max_us = lag.max_us();
  out.resident_bytes = resident_bytes();
  if (out.store_losses.empty()) out.store_losses = options.store_losses;
  return out;
}

int Runtime::State::run() {
  start_handles();
  waker->point_to(&wake);
  store->attach([shared = waker] { shared->wake(); });
  if (const auto listening = links->listen(); !listening) {
    log::error("listen", {{"why", listening.error()}});
    return 1;
  }
  judge_clock(true);
  service.ready("serving");
  uv_run(&loop, UV_RUN_DEFAULT);
  if (failed) return 1;
  // The last words to the peers, then nothing more comes in.
  commit = nullptr;
  operators->close();
  links->close_all(true);
  const MonoMs end = monotonic_now() + DurationMs{500};
  while (!links->empty() && monotonic_now() < end) uv_run(&loop, UV_RUN_ONCE);
  store->checkpoint_and_close();
  log::info("stopped", {});
  return 0;
}

/// The core and the store may be gone before this is.
void Runtime::State::let_go() {
  waker->point_to(nullptr);
  gateway = nullptr;
  commit = nullptr;
  store = nullptr;
}

Runtime::Runtime(RuntimeOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Runtime::~Runtime() = default;

driver::Outbox& Runtime::outbox() { return *state_; }
driver::Alarm& Runtime::alarm() { return *state_; }

std::expected<void, std::string> Runtime::bind() {
  for (const ListenOn& one : state_->options.listen) {
    if (auto bound = state_->links->bind(one.host, one.port); !bound) return bound;
  }
  if (state_->options.operator_socket.empty()) return {};
  return state_->operators->listen(state_->options.operator_socket);
}

std::vector<std::uint16_t> Runtime::ports() const { return state_->links->ports(); }

int Runtime::run(node::Gateway& gateway, driver::GroupCommit& commit, StorePort& store, engine::Boot boot) {
  state_->gateway = &gateway;
  state_->commit = &commit;
  state_->store = &store;
  if (!random_bytes(boot.entropy, sizeof boot.entropy)) {
    log::error("no_randomness", {});
    state_->let_go();
    return 1;
  }
  state_->on_event(boot);
  const int code = state_->run();
  state_->let_go();
  return code;
}

void Runtime::stop() { uv_async_send(&state_->stop_request); }

}  // namespace bivouac::firmware
