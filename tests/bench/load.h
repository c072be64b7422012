// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "tests/bench/peer.h"
#include "tests/bench/tls_connection.h"

namespace bivouac::bench {

/// One connection and who speaks over it.
struct Lane {
  std::unique_ptr<TlsConnection> connection;
  std::unique_ptr<Peer> peer;
  std::deque<std::int64_t> asked_ns;  // when, of what is not answered yet
};

/// "64x16": so many connections, so many requests outstanding on each.
struct Shape {
  std::size_t connections = 1;
  std::size_t outstanding = 1;
};

/// What was measured in one window.
struct Window {
  double seconds = 0;
  double cpu_s = 0;  // of the server
  double answers = 0;
  double all_answers = 0;  // those before and after the window too
  double p50_us = 0;
  double p99_us = 0;
  double wire_bytes = 0;  // both directions, of TCP payload

  double per_s() const { return answers / seconds; }
  double per_cpu_s() const { return cpu_s > 0 ? answers / cpu_s : 0; }
};

/// The load's end of one server. The lanes are opened once and used again by every window.
class Load {
 public:
  explicit Load(pid_t server);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  Lane& add(std::unique_ptr<TlsConnection> connection, std::unique_ptr<Peer> peer);
  std::size_t size() const { return lanes_.size(); }
  Lane& lane(std::size_t i) { return *lanes_[i]; }
  pid_t server() const { return server_; }

  /// Each lane asks again as soon as it is answered, for so long.
  Window run(const Shape& shape, double seconds);
  /// So many requests a second, lane after lane, whether answered or not.
  Window run_at(double per_s, double seconds);
  /// So that no session dies of silence while others are measured.
  void keep_alive();
  /// Takes what comes, on all lanes, until `count` answers are there; false after so long.
  bool collect(std::size_t count, std::int64_t timeout_ms);

 private:
  void ask(Lane& lane, std::size_t count);
  /// Takes what has come on it; how many answers that were.
  std::size_t take(Lane& lane);
  std::size_t turn(int timeout_ms, bool asks_again);
  /// Until nothing is outstanding; how many answers that were.
  std::size_t drain();

  pid_t server_;
  int epoll_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::uint32_t> latencies_ns_;
  Bytes in_;
  Bytes out_;
};

double median(std::vector<double> values);
/// At this part of the values, 0 to 1; 0 of none.
double quantile(std::vector<std::uint32_t>& values, double part);

}  // namespace bivouac::bench
