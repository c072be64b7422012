# SPDX-License-Identifier: Apache-2.0
# The strictest set that our own code keeps, and the flags that every file is compiled with.

add_library(bivouac_flags INTERFACE)
target_compile_features(bivouac_flags INTERFACE cxx_std_23)

target_compile_options(bivouac_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wswitch-enum -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wcast-qual -Wformat=2 -Wundef
  -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough -Wextra-semi -Wvla)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(bivouac_flags INTERFACE -Wduplicated-cond -Wlogical-op)
  # gcc 14 cannot follow std::variant and std::optional through inlining, and its null checks
  # report paths inside the standard library; clang's checks and the sanitizers stay on.
  target_compile_options(bivouac_flags INTERFACE -Wno-maybe-uninitialized -Wno-null-dereference)
endif()
if(CMAKE_CROSSCOMPILING)
  # gcc 14 for ARM takes sums of strings for copies out of bounds; the builds for this machine, one
  # of them with the address sanitizer, keep these on.
  target_compile_options(bivouac_flags INTERFACE
    -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict -Wno-psabi)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # Designated initialisers leave out what has a default, as gcc allows.
  target_compile_options(bivouac_flags INTERFACE -Wno-missing-designated-field-initializers)
endif()
if(BIVOUAC_WERROR)
  target_compile_options(bivouac_flags INTERFACE -Werror)
endif()

# Hardening that costs little, and sections so that the linker drops what nobody calls.
target_compile_options(bivouac_flags INTERFACE
  -ffunction-sections -fdata-sections -fstack-protector-strong -fno-strict-overflow
  "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
target_compile_definitions(bivouac_flags INTERFACE
  _GLIBCXX_ASSERTIONS
  # The bounds of FlatBuffers are checked in the product, too.
  FLATBUFFERS_ASSERT=BIVOUAC_ASSERT "FLATBUFFERS_ASSERT_INCLUDE=\"core/base/assert.h\""
  # 64-bit time on 32-bit targets: the libraries of Debian 13 are built so, and 2038 is near.
  _TIME_BITS=64 _FILE_OFFSET_BITS=64)
target_link_options(bivouac_flags INTERFACE -Wl,--gc-sections)

# The core: no exceptions, no run-time type information.
add_library(bivouac_core_flags INTERFACE)
target_link_libraries(bivouac_core_flags INTERFACE bivouac_flags)
target_compile_options(bivouac_core_flags INTERFACE -fno-exceptions -fno-rtti)
if(BIVOUAC_SMALL)
  # How to unwind what nothing is thrown through; a debugger has it from the symbols.
  target_compile_options(bivouac_core_flags INTERFACE
                         -fno-asynchronous-unwind-tables -fno-unwind-tables)
endif()

# What ships is quick on this machine, and small on a board. Assertions of ours, of FlatBuffers and
# of the standard library do not depend on NDEBUG. It is for absl, whose checks of its own trees
# would be a fifth of a request, and on a board a fifth of the program: they are on where bugs are
# looked for.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
if(BIVOUAC_SMALL)
  set(CMAKE_CXX_FLAGS_RELEASE "-Os -g1")
endif()
if(NOT BIVOUAC_SANITIZE)
  string(APPEND CMAKE_CXX_FLAGS_RELEASE " -DNDEBUG")
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
