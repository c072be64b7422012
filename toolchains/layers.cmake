# SPDX-License-Identifier: Apache-2.0
# How a folder becomes a library, and a file in tests/ a test. See toolchains/README.md.

# bivouac_schemas(TARGET FILES a.fbs...) runs flatc over the schemas; code includes
# "core/wire/schema/envelope_generated.h", found below <build>/generated as a system header.
function(bivouac_schemas target)
  cmake_parse_arguments(arg "" "" "FILES" ${ARGN})
  set(root "${PROJECT_BINARY_DIR}/generated")
  set(headers "")
  foreach(schema IN LISTS arg_FILES)
    cmake_path(RELATIVE_PATH schema BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE relative)
    cmake_path(GET relative PARENT_PATH folder)
    cmake_path(GET relative STEM stem)
    set(header "${root}/${folder}/${stem}_generated.h")
    add_custom_command(
      OUTPUT "${header}"
      COMMAND "${BIVOUAC_FLATC}" --cpp --cpp-std c++17 --scoped-enums --gen-mutable
              --require-explicit-ids --warnings-as-errors -o "${root}/${folder}" "${schema}"
      DEPENDS ${arg_FILES}
      COMMENT "flatc ${relative}"
      VERBATIM)
    list(APPEND headers "${header}")
  endforeach()
  add_custom_target(${target}_schemas DEPENDS ${headers})
  add_dependencies(${target} ${target}_schemas)
endfunction()

# bivouac_layer(TARGET [CORE] [SCHEMAS glob...] [LAYERS target...] [LIBRARIES target...])
# makes one static library of all sources below the current folder; while there are none, an
# interface library of the same name. LAYERS are ours and visible to users of this layer;
# LIBRARIES are third-party and stay private. CORE forbids exceptions and type information.
function(bivouac_layer target)
  cmake_parse_arguments(arg "CORE" "" "SCHEMAS;LAYERS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "*.cpp")
  list(REMOVE_ITEM sources "${PROJECT_SOURCE_DIR}/firmware/main.cpp")
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE ${arg_LIBRARIES})
    if(arg_CORE)
      target_link_libraries(${target} PRIVATE bivouac_core_flags)
      bivouac_precompile(${target} bivouac_core_flags)
    else()
      target_link_libraries(${target} PRIVATE bivouac_flags)
      bivouac_precompile(${target} bivouac_flags)
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${target} ${scope} ${arg_LAYERS})
  target_include_directories(${target} ${scope} "${PROJECT_SOURCE_DIR}")
  target_include_directories(${target} SYSTEM ${scope} "${PROJECT_BINARY_DIR}/generated")
  if(arg_SCHEMAS)
    file(GLOB schemas CONFIGURE_DEPENDS ${arg_SCHEMAS})
    if(schemas)
      bivouac_schemas(${target} FILES ${schemas})
    endif()
  endif()
endfunction()

# Behind bivouac_flags, so that it has the last word. Tests cut 64-bit random numbers to size, which
# narrows on 32-bit targets only.
add_library(bivouac_test_flags INTERFACE)
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  target_compile_options(bivouac_test_flags INTERFACE -Wno-conversion -Wno-cast-align)
endif()

# bivouac_test(NAME LABEL label SOURCES file... [LINK target...]) makes one Catch2 executable and
# one ctest, which runs under the emulator when the target is foreign. Under ctest it leaves its
# results in <build>/results, for `bivouac-sim conformance`.
function(bivouac_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT arg_SOURCES)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 900)  # under emulation some sweeps take minutes
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE bivouac_flags bivouac_test_flags tests_results
                                        ${arg_LINK} Catch2::Catch2WithMain)
  bivouac_precompile(${name} bivouac_flags)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  set(test "${BIVOUAC_TEST_PREFIX}${name}")
  add_test(NAME ${test} COMMAND ${name} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(${test} PROPERTIES LABELS "${arg_LABEL}" TIMEOUT "${arg_TIMEOUT}"
                       ENVIRONMENT "BIVOUAC_TEST_RESULTS=${PROJECT_BINARY_DIR}/results")
endfunction()

# bivouac_unit_test(FOLDER LINK target...): all *_test.cpp below tests/unit/FOLDER, as unit_FOLDER.
function(bivouac_unit_test folder)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/unit/${folder}/*.cpp")
  string(REPLACE "/" "_" name "unit_${folder}")
  bivouac_test(${name} LABEL "unit;${folder}" SOURCES ${sources} LINK ${arg_LINK})
endfunction()
