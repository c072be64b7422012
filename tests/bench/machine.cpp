// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/machine.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace bivouac::bench {
namespace {

std::vector<int> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &set)) cores.push_back(core);
  }
  return cores;
}

std::int64_t read_clock(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return 0;
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// The number behind `name` in a file of lines "name: number"; 0 when there is none.
std::uint64_t number_in(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name)) return std::strtoull(line.c_str() + name.size(), nullptr, 10);
  }
  return 0;
}

std::string folder_of(pid_t pid) { return "/proc/" + std::to_string(pid); }

}  // namespace

Cores choose_cores() {
  const std::vector<int> cores = allowed_cores();
  return {cores.back(), cores.front()};
}

void pin_to(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(core), &set);
  sched_setaffinity(0, sizeof set, &set);
}

std::int64_t now_ns() { return read_clock(CLOCK_MONOTONIC); }

std::int64_t cpu_ns(pid_t pid) {
  clockid_t clock = 0;
  return clock_getcpuclockid(pid, &clock) == 0 ? read_clock(clock) : 0;
}

Memory memory_of(pid_t pid) {
  const std::string path = folder_of(pid) + "/smaps_rollup";
  return {number_in(path, "Rss:") * 1024, number_in(path, "Pss:") * 1024};
}

std::uint64_t disk_bytes_of(pid_t pid) { return number_in(folder_of(pid) + "/io", "write_bytes:"); }

Machine this_machine() {
  Machine machine;
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; machine.processor.empty() && std::getline(cpuinfo, line);) {
    if (line.starts_with("model name")) machine.processor = line.substr(line.find(':') + 2);
  }
  utsname names{};
  if (uname(&names) == 0)
    machine.kernel = std::string(names.sysname) + " " + names.release + " " + names.machine;
  std::array<char, 32> text{};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &utc);
  machine.date = text.data();
  std::string one, five, fifteen;
  std::ifstream("/proc/loadavg") >> one >> five >> fifteen;
  machine.load = one + " " + five + " " + fifteen;
  machine.cores = static_cast<int>(allowed_cores().size());
  return machine;
}

double sync_latency_us(const std::string& folder) {
  const std::string path = folder + "/sync";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::vector<char> block(4096, 'x');
  std::vector<std::int64_t> times;
  for (int i = 0; file >= 0 && i < 200; ++i) {
    const std::int64_t start = now_ns();
    if (write(file, block.data(), block.size()) < 0 || fdatasync(file) != 0) break;
    times.push_back(now_ns() - start);
  }
  close(file);
  unlink(path.c_str());
  if (times.empty()) return 0;
  std::ranges::sort(times);
  return static_cast<double>(times[times.size() / 2]) / 1000.0;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace bivouac::bench
