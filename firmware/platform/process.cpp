// SPDX-License-Identifier: Apache-2.0
#include "firmware/platform/process.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/assert.h"
#include "core/base/limits.h"
#include "firmware/platform/logger.h"

namespace bivouac::firmware {

std::size_t pool_threads() {
  // Handshakes use all but two of these; the loop and the store have threads of their own.
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() + 2, 4, 10);
}

namespace {

/// Shells give 1,024, which a home with that many partners needs for their connections alone.
void allow_descriptors() {
  constexpr rlim_t wanted = 2 * (limits::connections_max + limits::client_sessions_max);
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0 || descriptors.rlim_cur >= wanted) return;
  descriptors.rlim_cur = std::min(wanted, descriptors.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
}

}  // namespace

void harden_process() {
  allow_descriptors();
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  ::umask(077);
  ::mallopt(M_ARENA_MAX, 1);
  ::setenv("UV_USE_IO_URING", "0", 1);
  ::setenv("UV_THREADPOOL_SIZE", std::to_string(pool_threads()).c_str(), 1);
  std::signal(SIGPIPE, SIG_IGN);
}

std::uint64_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long total = 0;
  unsigned long resident = 0;
  const int fields = std::fscanf(file, "%lu %lu", &total, &resident);
  std::fclose(file);
  return fields == 2 ? static_cast<std::uint64_t>(resident) *
                           static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))
                     : 0;
}

void log_failed_asserts() {
  set_assert_handler([](const char* expression, const char* file, int line) {
    log::error("broken_rule",
               {{"rule", expression}, {"at", std::string(file) + ":" + std::to_string(line)}});
  });
}

}  // namespace bivouac::firmware
