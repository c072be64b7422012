// SPDX-License-Identifier: Apache-2.0
#include "firmware/store/store.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "core/base/assert.h"
#include "firmware/store/worker.h"

namespace bivouac::firmware {

using Clock = std::chrono::steady_clock;

/// The hand-over between the loop and the thread. What both touch is under `mutex`; the worker is
/// the thread's alone.
struct Store::State {
  explicit State(const StoreOptions& o) : options(o), worker(o) {}

  void run();
  void turn(std::unique_lock<std::mutex>& lock);
  void try_commit(bool stopping);
  void report_outcome(bool durable);
  void publish(bool leaving);
  Clock::time_point next_turn() const;
  bool has_report() const { return outcome || space || pong || failed; }
  void end(bool graceful);

  const StoreOptions options;
  std::vector<std::string> losses;
  std::atomic<bool> interrupt = false;  // of idle work, when a commit waits

  std::mutex mutex;
  std::condition_variable wanted;
  std::function<void()> wake;
  std::optional<Bytes> batch;  // handed over, not taken yet
  bool ping = false;
  bool stop = false;
  bool graceful = false;
  bool salvaged = false;
  std::optional<bool> outcome;
  std::optional<bool> space;
  bool pong = false;
  bool failed = false;
  engine::Telemetry figures;
  std::string failure;

  // The thread's own.
  Worker worker;
  std::optional<Bytes> held;  // being committed, perhaps waiting for room
  Clock::time_point held_since{};
  bool told_low = false;
  bool told_failed = false;
  std::thread thread;
};

std::expected<std::unique_ptr<Store>, std::string> Store::open(const StoreOptions& options,
                                                               store::Table& table) {
  auto state = std::make_unique<State>(options);
  auto opened = state->worker.open(table, Clock::now());
  if (!opened) return std::unexpected(std::move(opened.error()));
  state->salvaged = opened->salvaged;
  state->losses = std::move(opened->losses);
  state->publish(false);
  State& running = *state;
  state->thread = std::thread([&running] { running.run(); });
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}

Store::~Store() { state_->end(false); }

bool Store::salvaged() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->salvaged;
}

const std::vector<std::string>& Store::losses() const { return state_->losses; }

std::string Store::failure() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->failure;
}

void Store::commit(Bytes batch) {
  const std::scoped_lock lock(state_->mutex);
  BIVOUAC_ASSERT(!state_->batch && !state_->outcome);  // one at a time
  state_->batch = std::move(batch);
  state_->interrupt = true;
  state_->wanted.notify_one();
}

void Store::attach(std::function<void()> wake) {
  const std::scoped_lock lock(state_->mutex);
  state_->wake = std::move(wake);
  if (state_->wake && state_->has_report()) state_->wake();
}

void Store::collect(Listener& listener) {
  std::unique_lock lock(state_->mutex);
  const auto space = std::exchange(state_->space, std::nullopt);
  const auto outcome = std::exchange(state_->outcome, std::nullopt);
  const bool pong = std::exchange(state_->pong, false);
  const bool failed = std::exchange(state_->failed, false);
  lock.unlock();  // the listener may commit again
  if (outcome) listener.on_committed(*outcome);
  if (space) listener.on_space(*space);
  if (pong) listener.on_pong();
  if (failed) listener.on_failed();
}

void Store::ping() {
  const std::scoped_lock lock(state_->mutex);
  state_->ping = true;
  state_->wanted.notify_one();
}

void Store::fill(engine::Telemetry& telemetry) {
  const std::scoped_lock lock(state_->mutex);
  telemetry.commits = state_->figures.commits;
  telemetry.commit_bytes = state_->figures.commit_bytes;
  telemetry.sync_last_us = state_->figures.sync_last_us;
  telemetry.sync_max_us = state_->figures.sync_max_us;
  telemetry.store_bytes = state_->figures.store_bytes;
  telemetry.store_free_bytes = state_->figures.store_free_bytes;
  telemetry.store_losses = state_->losses;
}

void Store::checkpoint_and_close() { state_->end(true); }

void Store::State::end(bool gracefully) {
  if (!thread.joinable()) return;
  {
    const std::scoped_lock lock(mutex);
    stop = true;
    graceful = gracefully;
    interrupt = true;
    wake = nullptr;
    wanted.notify_one();
  }
  thread.join();
}

void Store::State::run() {
  std::unique_lock lock(mutex);
  while (!stop || batch || held) turn(lock);
  const bool write_back = graceful;
  lock.unlock();
  if (write_back) worker.close(Clock::now());
}

void Store::State::turn(std::unique_lock<std::mutex>& lock) {
  wanted.wait_until(lock, next_turn(), [&] { return (batch && !held) || ping || stop; });
  if (batch && !held) {
    held = std::exchange(batch, std::nullopt);
    held_since = Clock::now();
  }
  interrupt = false;
  const bool stopping = stop;
  const bool answer = std::exchange(ping, false);
  lock.unlock();
  // Read once: work that is due at once is due by the moment that was asked about.
  const Clock::time_point now = Clock::now();
  if (held) {
    try_commit(stopping);
  } else if (!stopping && now >= worker.next_idle(now)) {
    worker.idle(now, interrupt);
  }
  publish(answer);
  lock.lock();
}

Clock::time_point Store::State::next_turn() const {
  constexpr std::chrono::milliseconds retry{200};
  const Clock::time_point now = Clock::now();
  const Clock::time_point idle = worker.next_idle(now);
  return held ? std::min(idle, now + retry) : idle;
}

void Store::State::try_commit(bool stopping) {
  const Clock::time_point now = Clock::now();
  const Done done = worker.commit(*held, now);
  const auto patience = std::chrono::milliseconds(options.space_patience_ms);
  if (done == Done::full && !stopping && now < held_since + patience) return;
  const Bytes committed = *std::exchange(held, std::nullopt);
  if (done == Done::full) {
    const std::scoped_lock lock(mutex);
    failure = "no room on the file system for a commit";
  }
  report_outcome(done == Done::done);
  if (done == Done::done) worker.after_commit(committed, Clock::now());
}

void Store::State::report_outcome(bool durable) {
  std::function<void()> call;
  {
    const std::scoped_lock lock(mutex);
    outcome = durable;
    if (durable) {
      ++figures.commits;
      salvaged = false;
    } else if (failure.empty()) {
      failure = worker.ledger().failure();
    }
    call = wake;
  }
  if (call) call();
}

/// Copies what other threads may ask for, and wakes the loop if there is news.
void Store::State::publish(bool answer_ping) {
  std::function<void()> call;
  {
    const std::scoped_lock lock(mutex);
    const CountingVfs& counters = worker.ledger().counters();
    figures.commit_bytes = counters.bytes_written();
    figures.sync_last_us = counters.sync_last_us();
    figures.sync_max_us = counters.sync_max_us();
    figures.store_bytes = worker.file_bytes();
    figures.store_free_bytes = worker.free_bytes();
    // Not only a commit meets damage: then nobody may go on as if the next one could be stored.
    const bool fails_now = worker.ledger().is_failed() && !told_failed;
    if (fails_now) failed = told_failed = true;
    if (fails_now && failure.empty()) failure = worker.ledger().failure();
    const bool news = answer_ping || fails_now || told_low != worker.is_space_low();
    if (told_low != worker.is_space_low()) space = told_low = worker.is_space_low();
    pong = pong || answer_ping;
    if (news) call = wake;
  }
  if (call) call();
}

}  // namespace bivouac::firmware
