// SPDX-License-Identifier: Apache-2.0
// What recurs, or comes from outside the links: clock, watchdog, certificates, reload.
#include <memory>
#include <utility>

#include "core/base/assert.h"
#include "firmware/runtime/runtime_state.h"

namespace bivouac::firmware {

namespace {

/// In rounds of housekeeping, every two seconds.
constexpr std::uint64_t rounds_a_minute = 30;
constexpr std::uint64_t rounds_a_day = 24 * 60 * rounds_a_minute;

}  // namespace

void Runtime::State::housekeeping() {
  judge_clock(false);
  ++rounds;
  if (rounds % rounds_a_minute == 0) {
    lag.next_minute();
    links->close_expired();
  }
  if (rounds % rounds_a_day == 0) {
    for (const std::string& warning : options.credentials->warnings(wall_now())) {
      log::warning("certificate", {{"text", warning}});
    }
  }
}

void Runtime::State::feed_watchdog() {
  // This timer shows that the loop turns, the answer to the last ping that the store does.
  if (store_turned) {
    service.alive();
    hardware_watchdog.alive();
  }
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

}  // namespace bivouac::firmware
