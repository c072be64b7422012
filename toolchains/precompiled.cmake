# SPDX-License-Identifier: Apache-2.0
# Precompiled headers: a third less time for a build from nothing. Off where sources are to be held
# to including what they use (host), and where clang-tidy reads the flags (host-asan).

# What nearly every source includes and nobody here changes.
set(BIVOUAC_PRECOMPILED_HEADERS
  <algorithm> <array> <chrono> <deque> <expected> <functional> <map> <memory> <optional> <set>
  <span> <string> <string_view> <utility> <variant> <vector>
  <absl/container/btree_map.h> <absl/container/btree_set.h> <flatbuffers/flatbuffers.h>)

# bivouac_precompile(TARGET FLAGS): TARGET, compiled with the flags of the interface target FLAGS,
# reads the headers that were precompiled with these flags.
function(bivouac_precompile target flags)
  if(NOT BIVOUAC_PRECOMPILED)
    return()
  endif()
  set(donor "precompiled_${flags}")
  if(NOT TARGET ${donor})
    set(empty "${PROJECT_BINARY_DIR}/generated/${donor}.cpp")
    file(WRITE "${empty}" "")
    add_library(${donor} OBJECT "${empty}")
    target_link_libraries(${donor} PRIVATE ${flags} bivouac::flatbuffers bivouac::btree)
    # FlatBuffers includes our assertions.
    target_include_directories(${donor} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_precompile_headers(${donor} PRIVATE ${BIVOUAC_PRECOMPILED_HEADERS})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${donor})
endfunction()
