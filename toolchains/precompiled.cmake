# SPDX-License-Identifier: Apache-2.0
# Precompiled headers: a third less time for a build from nothing. Off where sources are to be held
# to including what they use (host), and where clang-tidy reads the flags (host-asan).

set(BIVOUAC_PRECOMPILED_HEADER "${CMAKE_CURRENT_LIST_DIR}/precompiled.h")
file(WRITE "${PROJECT_BINARY_DIR}/generated/precompiled.cpp" "")

# bivouac_precompile(TARGET FLAGS): TARGET, compiled with the flags of the interface target FLAGS,
# reads the header that belongs to these flags.
function(bivouac_precompile target flags)
  if(NOT BIVOUAC_PRECOMPILED)
    return()
  endif()
  set(donor "precompiled_${flags}")
  if(NOT TARGET ${donor})
    add_library(${donor} OBJECT "${PROJECT_BINARY_DIR}/generated/precompiled.cpp")
    target_link_libraries(${donor} PRIVATE ${flags} bivouac::flatbuffers bivouac::btree)
    target_precompile_headers(${donor} PRIVATE "${BIVOUAC_PRECOMPILED_HEADER}")
  endif()
  target_precompile_headers(${target} REUSE_FROM ${donor})
endfunction()
