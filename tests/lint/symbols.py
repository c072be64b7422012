# SPDX-License-Identifier: Apache-2.0
"""symbols.py BUILD: what the archives of the core want from outside. Anything but memory, strings,
abort and the C++ runtime (sockets, clocks, files, threads, environment, random) is a fault."""

import re
import subprocess
import sys
from pathlib import Path

ALLOWED = (
    r"mem(cpy|move|set|cmp|chr)|bcmp|strlen|strnlen|strcmp|strncmp|strchr",
    r"__(memcpy|memmove|memset)_chk|__stack_chk_fail",
    r"abort|_GLOBAL_OFFSET_TABLE_|_Unwind_Resume|__dso_handle|atexit|__cxa_atexit",
    r"__gxx_personality_v0|__cxa_(pure_virtual|guard_\w+|throw_bad_array_new_length)",
    r"operator (new|delete)(\[\])?\(.*",
    r"(vtable|typeinfo|VTT) for (std::exception|__cxxabiv1::\w+)",
    r"std::__throw_\w+\(.*",
    r"std::__glibcxx_assert_fail\(.*",
    r"std::__detail::\w+.*",
    r"std::(__cxx11::)?basic_string(_view)?<char, .*",
    r"std::from_chars.*|std::to_chars.*|std::terminate\(\)",
    r"std::_Rb_tree_\w+\(.*",
    r"std::nothrow",
    # std::shared_ptr
    r"std::_Sp_make_shared_tag::_S_eq\(.*|__libc_single_threaded",
    r"absl::.*",
    # Asserts of third-party headers, which abort, and <iostream>, which those headers include.
    r"__assert_fail|std::ios_base_library_init\(\)",
)
ALLOWED_PATTERN = re.compile("|".join(f"(?:{p})" for p in ALLOWED))


def symbols(archive, *options):
    """(member, symbol) pairs; mangled, as one symbol of one object is another's definition."""
    command = ["nm", "--print-file-name", *options, str(archive)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in printed.splitlines():
        place, rest = line.rsplit(": ", 1) if ": " in line else line.split(":", 2)[1:]
        yield place.split(":")[-1], rest.split()[-1]


def main():
    build = Path(sys.argv[1])
    archives = sorted(build.glob("core/**/libcore_*.a"))
    if not archives:
        sys.exit(f"no core archives in {build}")
    defined = {s for a in archives for _, s in symbols(a, "--defined-only")}
    wanted = {}
    for archive in archives:
        for member, symbol in symbols(archive, "--undefined-only"):
            if symbol not in defined:
                wanted.setdefault(symbol, set()).add(f"{archive.name}({member})")
    names = sorted(wanted)
    plain = subprocess.run(
        ["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True
    )
    faults = 0
    for name, readable in zip(names, plain.stdout.splitlines()):
        if not ALLOWED_PATTERN.fullmatch(readable):
            faults += 1
            print(f"the core must not need '{readable}': {', '.join(sorted(wanted[name]))}")
    print(f"{len(archives)} archives, {len(names)} symbols from outside, {faults} not allowed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
