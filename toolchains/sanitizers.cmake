# SPDX-License-Identifier: Apache-2.0
# BIVOUAC_SANITIZE: "address,undefined" or, for clang, "fuzzer,address,undefined".

set(BIVOUAC_FUZZER OFF)
if(BIVOUAC_SANITIZE)
  if(BIVOUAC_STATIC)
    message(FATAL_ERROR "Sanitizers need a dynamic build: set BIVOUAC_STATIC to OFF")
  endif()
  string(REPLACE "," ";" sanitizers "${BIVOUAC_SANITIZE}")
  if("fuzzer" IN_LIST sanitizers)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      message(FATAL_ERROR "The fuzzer needs clang")
    endif()
    set(BIVOUAC_FUZZER ON)
    list(REMOVE_ITEM sanitizers fuzzer)
    target_compile_options(bivouac_flags INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(bivouac_flags INTERFACE -fsanitize=fuzzer-no-link)
  endif()
  list(JOIN sanitizers "," sanitizers)
  # Undefined behaviour ends the program: a report that nobody reads is no test.
  target_compile_options(bivouac_flags INTERFACE
    "-fsanitize=${sanitizers}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # The core has no type information: what it makes must not be asked for its dynamic type.
  if(sanitizers MATCHES "undefined")
    target_compile_options(bivouac_flags INTERFACE -fno-sanitize=vptr)
  endif()
  target_link_options(bivouac_flags INTERFACE "-fsanitize=${sanitizers}")
else()
  target_compile_options(bivouac_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()

if(BIVOUAC_STATIC)
  # The linker warns of calls in libuv, c-ares and SQLite that load shared libraries at run time
  # (users by name, services by name, extensions). We make none of them: names are resolved by
  # c-ares alone.
  target_link_options(bivouac_flags INTERFACE -static -Wl,--no-warnings)
endif()
