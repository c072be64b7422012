// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/runtime.h"

#include <csignal>
#include <utility>

#include "core/base/assert.h"
#include "core/base/service.h"
#include "firmware/platform/process.h"
#include "firmware/runtime/runtime_state.h"

namespace bivouac::firmware {

namespace {

constexpr std::uint64_t housekeeping_ms = 2'000;
constexpr DurationMs drain_time{5'000};
/// Events that the end of a turn causes are flushed in the same turn, so often at most.
constexpr int flushes_per_turn = 4;

template <class Handle>
uv_handle_t* as_handle(Handle& handle) {
  return reinterpret_cast<uv_handle_t*>(&handle);
}

std::string names_of(Services services) {
  std::string names;
  for (const Service service : all_services) {
    if (!services.has(service)) continue;
    if (!names.empty()) names += ',';
    names += name(service);
  }
  return names;
}

/// Who changed whose affiliation to what; the time is that of the line.
void audit(const Note& note) {
  log::audit(bivouac::name(note.kind),
             {{"user", note.subject},
              {"group", note.object},
              {"client", note.client_id},
              {"by", note.by},
              {"ground", std::string(note.ground)},
              {"cause", std::string(note.cause == Cause::none ? "" : bivouac::name(note.cause))},
              {"services", names_of({static_cast<std::uint8_t>(note.number)})}});
}

std::size_t lane_count() {
  const std::size_t threads = pool_threads();
  return threads > 3 ? threads - 2 : 1;
}

}  // namespace

Runtime::State::State(RuntimeOptions given) : options(std::move(given)), clock(options.clock) {
  const int code = uv_loop_init(&loop);
  BIVOUAC_ASSERT(code == 0);
  links.emplace(&loop, *this, ids, lane_count(), options.admission);
  links->use(options.configuration, options.credentials);
  operators.emplace(&loop, *this, ids, [this] { return telemetry(); });
  open_handles();
}

Runtime::State::~State() {
  links->close();
  operators->close();
  close_handles();
  while (uv_run(&loop, UV_RUN_DEFAULT) != 0) continue;
  links.reset();
  operators.reset();
  const int code = uv_loop_close(&loop);
  BIVOUAC_ASSERT(code == 0);
}

void Runtime::State::note(const Note& note) {
  if (is_audit(note.kind)) return audit(note);
  const bool detail = note.kind == NoteKind::step || note.kind == NoteKind::message;
  const log::Level level = detail ? log::Level::debug : log::Level::info;
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
  uv_async_init(&loop, &stop_request, [](uv_async_t* async) {
    static_cast<State*>(async->data)->begin_stop("asked to");
  });
  for (uv_signal_t* signal : {&hangup, &terminate, &interrupt}) {
    uv_signal_init(&loop, signal);
    signal->data = this;
  }
  for (void** data : {&prepare.data, &check.data, &wake.data, &stop_request.data}) *data = this;
}

void Runtime::State::close_handles() {
  for (uv_handle_t* handle :
       {as_handle(prepare), as_handle(check), as_handle(tick), as_handle(house),
        as_handle(watchdog), as_handle(drain), as_handle(wake), as_handle(stop_request),
        as_handle(hangup), as_handle(terminate), as_handle(interrupt)}) {
    if (uv_is_closing(handle) == 0) uv_close(handle, nullptr);
  }
}

void Runtime::State::start_handles() {
  uv_prepare_start(&prepare,
                   [](uv_prepare_t* handle) { static_cast<State*>(handle->data)->end_of_turn(); });
  uv_check_start(&check, [](uv_check_t* handle) { static_cast<State*>(handle->data)->lag.woke(); });
  uv_timer_start(
      &house, [](uv_timer_t* timer) { static_cast<State*>(timer->data)->housekeeping(); },
      housekeeping_ms, housekeeping_ms);
  if (!hardware_watchdog.problem().empty()) {
    log::warning("hardware_watchdog", {{"what", hardware_watchdog.problem()}});
  }
  const auto limit = service.watchdog_ms();
  if (limit || hardware_watchdog.is_armed()) {
    const std::int64_t asked = limit ? *limit / 3 : HardwareWatchdog::interval_ms;
    const auto interval = static_cast<std::uint64_t>(
        std::clamp<std::int64_t>(asked, 1, HardwareWatchdog::interval_ms));
    uv_timer_start(
        &watchdog, [](uv_timer_t* timer) { static_cast<State*>(timer->data)->feed_watchdog(); },
        interval, interval);
  }
  uv_signal_start(
      &hangup, [](uv_signal_t* signal, int) { static_cast<State*>(signal->data)->begin_reload(); },
      SIGHUP);
  for (const auto& [signal, number] :
       {std::pair{&terminate, SIGTERM}, std::pair{&interrupt, SIGINT}}) {
    uv_signal_start(
        signal,
        [](uv_signal_t* handle, int) { static_cast<State*>(handle->data)->begin_stop("signal"); },
        number);
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
  if (!patient)
    log::warning("drain_cut_short", {{"seconds", std::to_string(drain_time.ms / 1000)}});
  uv_stop(&loop);
}

engine::Telemetry Runtime::State::telemetry() {
  engine::Telemetry out;
  links->fill(out);
  out.full_queues += operators->full_queues();
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

int Runtime::run(node::Gateway& gateway, driver::GroupCommit& commit, StorePort& store,
                 engine::Boot boot) {
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
