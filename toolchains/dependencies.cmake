# SPDX-License-Identifier: Apache-2.0
# Every third-party library, in one place. The versions are those of Debian 13.
#
# A library is linked by exactly one folder of ours (see core/ and firmware/); tests/lint checks the
# includes.

find_program(BIVOUAC_CCACHE ccache)
if(BIVOUAC_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${BIVOUAC_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${BIVOUAC_CCACHE}")
endif()

find_program(BIVOUAC_FLATC flatc REQUIRED)

# bivouac_library(NAME HEADER header ARCHIVES name...) makes bivouac::NAME from static archives.
function(bivouac_library name)
  cmake_parse_arguments(arg "" "HEADER" "ARCHIVES" ${ARGN})
  add_library(bivouac_dependency_${name} INTERFACE)
  add_library(bivouac::${name} ALIAS bivouac_dependency_${name})
  find_path(BIVOUAC_${name}_INCLUDE "${arg_HEADER}" REQUIRED)
  target_include_directories(bivouac_dependency_${name} SYSTEM INTERFACE
    "${BIVOUAC_${name}_INCLUDE}")
  foreach(archive IN LISTS arg_ARCHIVES)
    find_library(BIVOUAC_${name}_${archive} NAMES "lib${archive}.a" REQUIRED)
    target_link_libraries(bivouac_dependency_${name} INTERFACE "${BIVOUAC_${name}_${archive}}")
  endforeach()
endfunction()

bivouac_library(flatbuffers HEADER flatbuffers/flatbuffers.h)
bivouac_library(btree HEADER absl/container/btree_map.h
                ARCHIVES absl_throw_delegate absl_raw_logging_internal absl_log_severity)
bivouac_library(uv HEADER uv.h ARCHIVES uv)
bivouac_library(cares HEADER ares.h ARCHIVES cares)
bivouac_library(mbedtls HEADER mbedtls/ssl.h ARCHIVES mbedtls mbedx509 mbedcrypto)
bivouac_library(sqlite HEADER sqlite3.h ARCHIVES sqlite3)
target_link_libraries(bivouac_dependency_sqlite INTERFACE m)
bivouac_library(toml HEADER toml++/toml.hpp)
target_compile_definitions(bivouac_dependency_toml INTERFACE TOML_HEADER_ONLY=1)
bivouac_library(cli11 HEADER CLI/CLI.hpp)

# Debian's Catch2 package holds archives of one architecture only; for a foreign target
# `./dev setup` builds it once from Debian's source package.
if(BIVOUAC_TESTS)
  if(CMAKE_CROSSCOMPILING)
    set(BIVOUAC_CATCH2_ROOT "${PROJECT_SOURCE_DIR}/.sdk/catch2/${CMAKE_SYSTEM_PROCESSOR}" CACHE PATH
        "Where Catch2 for the target is installed")
    find_package(Catch2 3 CONFIG PATHS "${BIVOUAC_CATCH2_ROOT}" NO_DEFAULT_PATH)
    if(NOT Catch2_FOUND)
      message(FATAL_ERROR "Catch2 for ${CMAKE_SYSTEM_PROCESSOR} is not in ${BIVOUAC_CATCH2_ROOT}: "
                          "run ./dev setup, or configure with -DBIVOUAC_TESTS=OFF")
    endif()
  else()
    find_package(Catch2 3 CONFIG REQUIRED)
  endif()
endif()
