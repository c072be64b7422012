# SPDX-License-Identifier: Apache-2.0
"""Words that have no place here: leftovers, machine names, and what is not deterministic."""

import re

from tree import CPP, Problem, line_of

SELF = "tests/lint/"

# In every file, comments included.
ANYWHERE = (
    (r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b", "leftover: do it, or write it where plans are kept"),
    (r"(?<![\w/.])/(work|home/\w+|Users/\w+)/", "a path of one machine"),
    (r"\b(deb|security|snapshot|archive)\.(debian|ubuntu)\.(org|com)\b", "a registry's host name"),
    (
        r"\b(registry\.npmjs|pypi|crates|registry\.yarnpkg)\.(org|io|com)\b",
        "a registry's host name",
    ),
)

# In C++ of ours, comments and strings excepted.
CPP_ANYWHERE = (
    (r"\busing\s+namespace\s+std\s*;", "spell std::"),
    (r"\bflexbuffers\b", "FlexBuffers are never used on received bytes"),
    (r"(?<!_)\bassert\s*\(", "use BIVOUAC_ASSERT, which stays on in every build"),
    (r"\b(strcpy|strcat|sprintf|gets|alloca)\s*\(", "unbounded C function"),
)

# A board's flash pays for them.
FIRMWARE = (
    (
        r"\bstd::v?format\w*|<format>",
        "300 KiB of numbers and calendars: see firmware/platform/text.h",
    ),
)

CORE = (
    (
        r"\b(float|double)\b",
        "the core has no floating point: results must be equal on every machine",
    ),
    (r"\bstd::unordered_\w+", "unordered: its iteration differs from run to run"),
    (
        r"\b(throw|try|catch|dynamic_cast|typeid)\b",
        "the core is built without exceptions and types",
    ),
    (r"\bthread_local\b", "the core is single-threaded"),
    (r"\b(getenv|setenv|secure_getenv)\b", "the core does not see the environment"),
    (r"\b(f?printf|puts|putchar|snprintf|std::c(out|err|log))\b", "the core does not print"),
    (
        r"\b(rand|srand|random|drand48|getrandom|getentropy)\s*\(",
        "the core draws no random number",
    ),
    (
        r"\b(time|clock|gettimeofday|clock_gettime|localtime|gmtime)\s*\(",
        "the core reads no clock",
    ),
    (r"\b(malloc|calloc|realloc|free)\s*\(", "no C heap"),
    (
        r"\b(setlocale|std::locale|strtod|atof|stod|stof|stoi|stol)\b",
        "depends on the locale or throws",
    ),
    (r"\bstd::(rand|mt19937(_64)?|random_device|thread|mutex|chrono)\b", "not in the core"),
    (r"\bstd::hash\b", "its values differ between machines"),
    (r"\breinterpret_cast<\s*(std::)?u?intptr_t", "the order of pointers differs from run to run"),
)

# A member, parameter or field may bear such a name: `.time(`, `->clock(`, `Deadline::time(`.
MEMBER = re.compile(r"(\.|->|::)\s*$")


def check(tree):
    for path in tree.paths:
        if path.startswith(SELF):
            continue
        yield from scan(path, tree.text(path), ANYWHERE)
    for path in tree.select("", suffixes=CPP):
        yield from scan(path, tree.code(path), CPP_ANYWHERE)
    for path in tree.select("firmware/", suffixes=CPP):
        yield from scan(path, tree.code(path), FIRMWARE)
    for path in tree.select("core/", suffixes=CPP):
        yield from scan(path, tree.code(path), CORE, skip_members=True)


def scan(path, text, rules, skip_members=False):
    for pattern, why in rules:
        for match in re.finditer(pattern, text):
            before = text[max(0, match.start() - 8) : match.start()]
            if skip_members and MEMBER.search(before) and not before.rstrip().endswith("std::"):
                continue
            yield Problem(path, line_of(text, match.start()), f"'{match.group(0).strip()}': {why}")
