// SPDX-License-Identifier: Apache-2.0
#pragma once

// A broken rule of our own ends the process: the supervisor restarts it on a consistent store.
// Never for bad input, which is refused with a Cause. Checks stay on in the product.

namespace bivouac {

using AssertHandler = void (*)(const char* expression, const char* file, int line);

/// Called once before the process ends, to log the place. Set by the firmware, the simulator and
/// tests.
void set_assert_handler(AssertHandler handler);

[[noreturn]] void assert_failed(const char* expression, const char* file, int line);

}  // namespace bivouac

#define BIVOUAC_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::bivouac::assert_failed(#expression, __FILE__, __LINE__))
