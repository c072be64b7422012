// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

// Programs that the benchmark starts. Whatever fails ends the benchmark: half a figure is none.

namespace bivouac::bench {

using Words = std::vector<std::string>;

[[noreturn]] void give_up(const std::string& why);

/// A server in the background, on a core of its own; ended with this object.
class Process {
 public:
  /// What it says goes to the end of `log`.
  Process(const Words& command, const std::string& log, int core);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool is_running();

 private:
  pid_t pid_;
};

/// To its end; its standard output. Any exit code but 0 gives up.
std::string run_to_end(const Words& command);

/// Of loopback, where nobody listens now.
int free_port();

}  // namespace bivouac::bench
