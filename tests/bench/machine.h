// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

// What is asked of the machine: cores, clocks, memory.

namespace bivouac::bench {

struct Cores {
  int server = 0;
  int load = 0;  // the same where there is only one
};
Cores choose_cores();
/// The calling process, and those that it starts from then on.
void pin_to(int core);

std::int64_t now_ns();
/// User and system time of all threads of a process; to the nanosecond.
std::int64_t cpu_ns(pid_t pid);

struct Memory {
  std::uint64_t rss_bytes = 0;
  std::uint64_t pss_bytes = 0;
};
Memory memory_of(pid_t pid);
/// Bytes that the process has caused to be written to a disk.
std::uint64_t disk_bytes_of(pid_t pid);

struct Machine {
  std::string processor;
  std::string kernel;
  std::string date;  // UTC
  std::string load;  // averages of 1, 5 and 15 minutes
  int cores = 0;
};
Machine this_machine();

/// Median of so many appends of 4 KiB, each with fdatasync, to a new file of this folder.
double sync_latency_us(const std::string& folder);

/// As many descriptors as are allowed.
void raise_descriptor_limit();

}  // namespace bivouac::bench
