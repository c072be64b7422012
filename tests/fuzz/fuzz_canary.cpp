// SPDX-License-Identifier: Apache-2.0
// Must fail: a fault is planted here, and a fuzzer that does not find it within seconds finds none
// elsewhere either. Never part of the regression tests.
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/base/limits.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A length that is believed: the commonest fault of all readers of frames.
  if (size < bivouac::limits::frame_header_bytes) return 0;
  if (data[0] != 'B' || data[1] != 'V' || data[2] != 'Q') return 0;
  const std::size_t announced = data[3];
  const auto copy = std::make_unique<std::uint8_t[]>(size);
  for (std::size_t i = 0; i < announced; ++i) copy[i] = 1;
  return copy[0] == 2 ? 1 : 0;
}
