// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/load.h"

#include <algorithm>
#include <array>

#include <sys/epoll.h>
#include <unistd.h>

#include "tests/bench/machine.h"
#include "tests/bench/process.h"

namespace bivouac::bench {
namespace {

constexpr double warm_up_s = 0.3;
constexpr std::int64_t drain_ms = 20'000;

std::int64_t to_ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

double wire_bytes(const std::vector<std::unique_ptr<Lane>>& lanes) {
  double bytes = 0;
  for (const auto& lane : lanes) {
    bytes +=
        static_cast<double>(lane->connection->sent_bytes() + lane->connection->received_bytes());
  }
  return bytes;
}

}  // namespace

Load::Load(pid_t server) : server_(server), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

Load::~Load() { close(epoll_); }

Lane& Load::add(std::unique_ptr<TlsConnection> connection, std::unique_ptr<Peer> peer) {
  lanes_.push_back(
      std::make_unique<Lane>(std::move(connection), std::move(peer), std::deque<std::int64_t>{}));
  Lane& lane = *lanes_.back();
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &lane;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, lane.connection->descriptor(), &event) != 0)
    give_up("no epoll");
  return lane;
}

void Load::ask(Lane& lane, std::size_t count) {
  if (count == 0) return;
  const std::int64_t now = now_ns();
  for (std::size_t i = 0; i < count; ++i) {
    lane.peer->ask(out_);
    lane.asked_ns.push_back(now);
  }
}

std::size_t Load::take(Lane& lane) {
  in_.clear();
  if (!lane.connection->receive(in_)) give_up("a server hung up: its log says why");
  const std::size_t answers = lane.peer->take(in_, out_);
  const std::int64_t now = now_ns();
  for (std::size_t i = 0; i < answers && !lane.asked_ns.empty(); ++i) {
    latencies_ns_.push_back(static_cast<std::uint32_t>(now - lane.asked_ns.front()));
    lane.asked_ns.pop_front();
  }
  return answers;
}

/// Once around: what has come is taken, and asked anew in one write.
std::size_t Load::turn(int timeout_ms, bool asks_again) {
  std::array<epoll_event, 256> events;
  const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
  std::size_t answers = 0;
  for (int i = 0; i < ready; ++i) {
    Lane& lane = *static_cast<Lane*>(events[static_cast<std::size_t>(i)].data.ptr);
    out_.clear();
    const std::size_t count = take(lane);
    answers += count;
    if (asks_again) ask(lane, count);
    if (!out_.empty()) lane.connection->send(out_);
  }
  return answers;
}

Window Load::run(const Shape& shape, double seconds) {
  for (std::size_t i = 0; i < shape.connections; ++i) {
    out_.clear();
    ask(*lanes_.at(i), shape.outstanding);
    lanes_[i]->connection->send(out_);
  }
  Window window;
  const std::int64_t begin = now_ns() + to_ns(warm_up_s);
  while (now_ns() < begin) window.all_answers += static_cast<double>(turn(100, true));

  latencies_ns_.clear();
  const std::int64_t start = now_ns();
  const std::int64_t cpu = cpu_ns(server_);
  const double bytes = wire_bytes(lanes_);
  while (now_ns() < start + to_ns(seconds)) window.answers += static_cast<double>(turn(100, true));
  window.seconds = static_cast<double>(now_ns() - start) / 1e9;
  window.cpu_s = static_cast<double>(cpu_ns(server_) - cpu) / 1e9;
  window.wire_bytes = wire_bytes(lanes_) - bytes;
  window.all_answers += window.answers;
  window.p50_us = quantile(latencies_ns_, 0.50) / 1000;
  window.p99_us = quantile(latencies_ns_, 0.99) / 1000;

  window.all_answers += static_cast<double>(drain());
  return window;
}

Window Load::run_at(double per_s, double seconds) {
  latencies_ns_.clear();
  Window window;
  const std::int64_t interval = to_ns(1.0 / per_s);
  const std::int64_t start = now_ns();
  const std::int64_t cpu = cpu_ns(server_);
  std::int64_t next = start;
  for (std::size_t at = 0; now_ns() < start + to_ns(seconds);) {
    for (; next <= now_ns(); next += interval) {
      Lane& lane = *lanes_[at++ % lanes_.size()];
      out_.clear();
      ask(lane, 1);
      lane.connection->send(out_);
    }
    window.answers += static_cast<double>(turn(1, false));
  }
  window.answers += static_cast<double>(drain());
  window.seconds = static_cast<double>(now_ns() - start) / 1e9;
  window.cpu_s = static_cast<double>(cpu_ns(server_) - cpu) / 1e9;
  window.p50_us = quantile(latencies_ns_, 0.50) / 1000;
  window.p99_us = quantile(latencies_ns_, 0.99) / 1000;
  return window;
}

std::size_t Load::drain() {
  std::size_t answers = 0;
  const std::int64_t deadline = now_ns() + drain_ms * 1'000'000;
  const auto is_busy = [](const auto& lane) { return !lane->asked_ns.empty(); };
  while (std::ranges::any_of(lanes_, is_busy)) {
    answers += turn(100, false);
    if (now_ns() > deadline) give_up("requests stay without an answer");
  }
  return answers;
}

void Load::keep_alive() {
  for (const auto& lane : lanes_) {
    out_.clear();
    lane->peer->keep_alive(out_);
    if (!out_.empty()) lane->connection->send(out_);
  }
  turn(0, false);
}

bool Load::collect(std::size_t count, std::int64_t timeout_ms) {
  const std::int64_t deadline = now_ns() + timeout_ms * 1'000'000;
  while (count > 0 && now_ns() < deadline) count -= std::min(count, turn(10, false));
  return count == 0;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double quantile(std::vector<std::uint32_t>& values, double part) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, values.begin() + at);
  return values[static_cast<std::size_t>(at)];
}

}  // namespace bivouac::bench
