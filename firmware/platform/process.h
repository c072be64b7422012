// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace bivouac::firmware {

/// First thing in main, before any thread and any file: no core dumps and no tracing by others
/// (keys are in memory), files private by default, one heap arena, a pool of threads for
/// handshakes, no io_uring (it hides system calls from the sandbox), descriptors for every
/// connection that there may be, broken pipes are errors and no signals.
void harden_process();

/// Threads of the pool that harden_process() asked for.
std::size_t pool_threads();

/// What this process holds in memory now; 0 when the kernel does not say.
std::uint64_t resident_bytes();

/// A rule of our own is broken (core/base/assert.h): says where, then the process ends.
void log_failed_asserts();

}  // namespace bivouac::firmware
