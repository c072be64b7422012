// SPDX-License-Identifier: Apache-2.0
#include "core/base/assert.h"

#include <cstdlib>

namespace bivouac {
namespace {
AssertHandler assert_handler = nullptr;
}  // namespace

void set_assert_handler(AssertHandler handler) { assert_handler = handler; }

void assert_failed(const char* expression, const char* file, int line) {
  if (assert_handler != nullptr) assert_handler(expression, file, line);
  std::abort();
}

}  // namespace bivouac
