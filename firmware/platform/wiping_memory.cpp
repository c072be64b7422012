// SPDX-License-Identifier: Apache-2.0
// What this process gives back to the heap is wiped first: key material passes through frames,
// batches, effects, records and buffers that grow, and a copy that is forgotten in one of them
// would stay readable for days (decision 10). One memset for each free, beside the copy that filled
// it. Every program that links this folder has it.
#include <cstdlib>
#include <cstring>
#include <new>

#include <malloc.h>

#include "core/base/assert.h"

namespace {

void* allocate(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  BIVOUAC_ASSERT(memory != nullptr);  // limits bound what we hold; beyond them there is no way on
  return memory;
}

void* allocate(std::size_t size, std::align_val_t alignment) {
  void* memory = nullptr;
  const int code = ::posix_memalign(&memory, static_cast<std::size_t>(alignment), size);
  BIVOUAC_ASSERT(code == 0);
  return memory;
}

void wipe_and_free(void* memory) {
  if (memory == nullptr) return;
  ::explicit_bzero(memory, ::malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, alignment);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}

void operator delete(void* memory) noexcept { wipe_and_free(memory); }
void operator delete[](void* memory) noexcept { wipe_and_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { wipe_and_free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { wipe_and_free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { wipe_and_free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { wipe_and_free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  wipe_and_free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  wipe_and_free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept { wipe_and_free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { wipe_and_free(memory); }
