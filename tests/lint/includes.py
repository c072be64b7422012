# SPDX-License-Identifier: Apache-2.0
"""Who may include whom: layers of the core, folders of the firmware, third-party libraries."""

import re

from tree import CPP, Problem, includes

ENGINE = ("core/base", "core/wire", "core/store", "core/engine")
CORE = ("core/",)

# The longest matching folder counts. A folder may always include itself.
MAY_INCLUDE = {
    "core/base": (),
    "core/wire": ("core/base",),
    "core/store": ("core/base",),
    "core/engine": ENGINE,
    "core/gms": ENGINE,
    "core/mcs": ENGINE,
    "core/acm": ENGINE,
    "core/client": ENGINE,
    "core/node": (*ENGINE, "core/gms", "core/mcs", "core/acm", "core/client", "core/spec"),
    "core/driver": ("core/base", "core/store", "core/wire", "core/engine", "core/node"),
    "core/spec": (),
    "firmware": ("core/", "firmware/"),
    "host-sim": CORE,
    "tests": ("core/", "firmware/", "host-sim/", "tests/"),
}

# Each third-party library is included by exactly one folder. Two exceptions: FlatBuffers by the two
# folders that own schemas, and the ordered containers by the core, which may not use unordered
# ones, and by its durable copy.
LIBRARIES = (
    (r"flatbuffers/", ("core/wire", "core/store")),
    (r"absl/container/btree_(map|set)\.h", ("core", "firmware/store")),
    (r"absl/", ()),
    (r"(uv\.h|uv/)", ("firmware/runtime",)),
    (r"ares", ("firmware/runtime",)),
    (r"(mbedtls|psa)/", ("firmware/crypto",)),
    (r"sqlite3", ("firmware/store",)),
    (r"toml(\+\+|plusplus)", ("firmware/config",)),
    (r"CLI/", ("firmware/cli",)),
    (r"catch2/", ()),
    (r"openssl/", ()),
)

# The core sees the standard library only, and not those parts that reach the world or differ from
# run to run.
BANNED_STANDARD = set(
    """
    chrono thread mutex shared_mutex condition_variable future stop_token semaphore latch
    barrier atomic random fstream iostream istream ostream sstream iomanip filesystem locale
    regex ctime cstdio clocale csignal csetjmp unordered_map unordered_set syncstream print
    format cfloat cmath complex valarray typeindex typeinfo
    """.split()
)


def owner(path):
    folders = [f for f in MAY_INCLUDE if path.startswith(f + "/")]
    return max(folders, key=len, default=None)


def check(tree):
    for path in tree.select("core/", "firmware/", "host-sim/", "tests/", suffixes=CPP):
        folder = owner(path)
        if folder is None:
            yield Problem(
                path, 1, "this folder has no row in MAY_INCLUDE of tests/lint/includes.py"
            )
            continue
        for line, opening, name in includes(tree, path):
            text = (
                ours(tree, folder, path, name) if opening == '"' else foreign(folder, path, name)
            )
            if text:
                yield Problem(path, line, text)


def ours(tree, folder, path, name):
    if not name.startswith(("core/", "firmware/", "host-sim/", "tests/")):
        return f'"{name}": write it from the root of the project, or in <> if it is not ours'
    schema = re.sub(r"_generated\.h$", ".fbs", name)
    if not tree.exists(name) and not (schema != name and tree.exists(schema)):
        return f'"{name}" does not exist'
    allowed = (folder + "/", *MAY_INCLUDE[folder])
    if not any(name.startswith(prefix.rstrip("/") + "/") for prefix in allowed):
        below = ", ".join(MAY_INCLUDE[folder]) or "nothing of ours"
        return f'"{name}": {folder} may not include it; it may include {below}'
    return None


def foreign(folder, path, name):
    for pattern, homes in LIBRARIES:
        if re.match(pattern, name):
            if path.startswith("tests/") or any(path.startswith(home + "/") for home in homes):
                return None
            return f"<{name}> belongs to {' and '.join(homes) or 'tests'}, not to {folder}"
    if folder.startswith(("core/", "host-sim")) and folder != "host-sim":
        if not re.fullmatch(r"[a-z_0-9]+", name):
            return f"<{name}>: the core includes the standard library only, no system or C header"
        if name in BANNED_STANDARD:
            return (
                f"<{name}> is banned in the core: it reaches the world or differs from run to run"
            )
    return None
