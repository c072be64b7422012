// SPDX-License-Identifier: Apache-2.0
// The alarm test: a planted fault that fuzzing must find. If it does not, the fuzzing set-up is
// blind.
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size >= 3 && data[0] == 'b' && data[1] == 'i' && data[2] == 'v') {
    __builtin_trap();
  }
  return 0;
}
