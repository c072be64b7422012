# SPDX-License-Identifier: Apache-2.0
"""Files that nothing uses: headers, sources that no target builds, scripts."""

import re

from tree import CPP, Problem, includes

SCRIPTS = (".py", ".sh", ".cmake")
# Their sources are linked into tests.
HELPERS = ("tests/support/", "tests/results/")
# Started by people or by CMake, by the name of their folder.
ENTRANCES = {
    "firmware/main.cpp",
    "host-sim/main.cpp",
    "tests/bench/bare_server.cpp",
    "tests/bench/main.cpp",
    "tests/demo/tcp_cutter.cpp",
    "tests/fuzz/replay.cpp",
}


def check(tree):
    yield from headers(tree)
    yield from sources(tree)
    yield from scripts(tree)


def headers(tree):
    users = {}
    for path in tree.select(""):
        for _, _, name in includes(tree, path):
            users.setdefault(name, set()).add(path)
    for path in tree.select("", suffixes=(".h",)):
        own_source = path[:-2] + ".cpp"
        if not users.get(path, set()) - {own_source}:
            yield Problem(path, 1, "nobody includes this header but its own source: remove it")
    schema_texts = {p: tree.text(p) for p in tree.select("", suffixes=(".fbs",))}
    for path in schema_texts:
        generated = re.sub(r"\.fbs$", "_generated.h", path)
        if "/baseline/" in path:
            continue  # what conform.sh holds the schemas against
        name = path.rsplit("/", 1)[-1]
        included = any(
            f'"{name}"' in text for other, text in schema_texts.items() if other != path
        )
        if not users.get(generated) and not included:
            yield Problem(path, 1, "nobody includes this schema")


def sources(tree):
    built = {}
    for path in tree.select("", suffixes=(".cpp",)):
        if path in ENTRANCES:
            continue
        folder = path.rsplit("/", 1)[0]
        if folder not in built:
            built[folder] = is_built(tree, folder)
        if not built[folder]:
            yield Problem(
                path, 1, "no target builds this source: its folder is in no CMakeLists.txt"
            )
        elif path.startswith("tests/") and not is_test_name(tree, path):
            yield Problem(
                path,
                1,
                "a test is named *_test.cpp (fuzz target: fuzz_*.cpp), a helper has a header",
            )


def is_test_name(tree, path):
    name = path.rsplit("/", 1)[-1]
    if path.startswith("tests/fuzz/"):
        return name.startswith("fuzz_")
    helper = tree.exists(path[:-4] + ".h") or path.startswith(HELPERS)
    return helper or name.endswith("_test.cpp")


def is_built(tree, folder):
    """True if a CMakeLists.txt at or above the folder globs it and is reached from the root."""
    parts = folder.split("/")
    if parts[:2] == ["tests", "unit"]:
        registered = re.findall(
            r"bivouac_unit_test\((\S+)", tree.text("tests/unit/CMakeLists.txt")
        )
        return any(("/".join(parts[2:]) + "/").startswith(name + "/") for name in registered)
    for depth in range(len(parts), 0, -1):
        lists = "/".join([*parts[:depth], "CMakeLists.txt"])
        if tree.exists(lists) and re.search(r"bivouac_layer\(|GLOB", tree.text(lists)):
            return is_reached(tree, parts[:depth])
    return False


def is_reached(tree, parts):
    for depth in range(len(parts)):
        parent = "/".join([*parts[:depth], "CMakeLists.txt"])
        if tree.exists(parent) and f"add_subdirectory({'/'.join(parts[depth:])})" in tree.text(
            parent
        ):
            return depth == 0 or is_reached(tree, parts[:depth])
    return False


def scripts(tree):
    everything = [p for p in tree.paths if not p.endswith(CPP + (".csv", ".md"))]
    for path in tree.select("toolchains/", "tests/", ".ci/", suffixes=SCRIPTS):
        name = path.rsplit("/", 1)[-1]
        stem = re.escape(re.sub(r"\.(py|cmake)$", "", name))
        word = re.compile(rf"(?<![\w-]){stem}(?![\w-])")
        if not any(word.search(tree.text(other)) for other in everything if other != path):
            yield Problem(path, 1, "nothing refers to this script: remove it")
