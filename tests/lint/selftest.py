# SPDX-License-Identifier: Apache-2.0
"""Proves that the lint can fail: each case plants one violation in a small sound tree."""

import subprocess
import sys
import tempfile
from pathlib import Path

LINT = Path(__file__).resolve().parent
HEADER = (
    "excerpt,clause,published,title,entity,role,kind,step,source,tests,scenario,status,note\n"
)
ROW = (
    "S0,10.2.7.2,10.2.7.2,Push,gms,home,clause,,core/gms/push.cpp,"
    "tests/procedures/c_push_test.cpp,tests/scenarios/10.2.7.2_push.scn,implemented,\n"
)
STEP = "S0,10.2.7.2,10.2.7.2,Sends,gms,home,step,1,,,,planned,\n"
STEPS = STEP + STEP.replace(",1,", ",2a,") + STEP.replace(",1,", ",2b,")
FLOW = "S1,10.2.2.x,,Subscribe,gms,partner,flow,,,,,planned,\n"
ELEMENT = "S1,10.2.2.x,,Group,gms,partner,element,1,,,,planned,mandatory\n"
INDEX = HEADER + ROW + STEPS + FLOW + ELEMENT
OUTLINE = (
    "excerpt,clause,preconditions,steps,notes,elements,definitions\n"
    "S0,10.2.7.2,0,1 2a 2b,0,0,0\nS1,10.2.2.x,0,,0,1,0\n"
)

SOUND = {
    "CMakeLists.txt": "add_subdirectory(core)\nadd_subdirectory(firmware)\n"
    "add_subdirectory(tests)\n",
    "core/CMakeLists.txt": "add_subdirectory(base)\nadd_subdirectory(gms)\nadd_subdirectory(mcs)\n",
    "core/base/CMakeLists.txt": "bivouac_layer(core_base CORE)\n",
    "core/gms/CMakeLists.txt": "bivouac_layer(core_gms CORE)\n",
    "core/mcs/CMakeLists.txt": "bivouac_layer(core_mcs CORE)\n",
    "core/base/ids.h": "#pragma once\n#include <cstdint>\n",
    "core/base/ids.cpp": '#include "core/base/ids.h"\n',
    "core/gms/push.h": "/// @clause S0 10.2.7.2 (10.2.7.2)\n#pragma once\n"
    '#include "core/base/ids.h"\n',
    "core/gms/push.cpp": '#include "core/gms/push.h"\n',
    "core/mcs/policy.h": '#pragma once\n#include "core/base/ids.h"\n',
    "core/mcs/policy.cpp": '#include "core/mcs/policy.h"\n',
    "core/spec/clauses.csv": INDEX,
    "core/spec/outline.csv": OUTLINE,
    "firmware/CMakeLists.txt": "add_subdirectory(runtime)\nadd_subdirectory(config)\n",
    "firmware/runtime/CMakeLists.txt": "bivouac_layer(firmware_runtime)\n",
    "firmware/config/CMakeLists.txt": "bivouac_layer(firmware_config)\n",
    "firmware/runtime/loop.cpp": "#include <uv.h>\n",
    "firmware/config/file.cpp": "#include <toml++/toml.hpp>\n",
    "tests/CMakeLists.txt": "add_subdirectory(procedures)\n",
    "tests/scenarios/10.2.7.2_push.scn": "",
    "tests/procedures/CMakeLists.txt": 'file(GLOB sources "*.cpp")\n',
    "tests/procedures/c_push_test.cpp": '#include "core/gms/push.h"\n#include "core/mcs/policy.h"\n'
    'TEST_CASE("when pushed then kept", "[10.2.7.2]") {}\n',
}

LONG_FUNCTION = "void f() {\n" + "  g();\n" * 80 + "}\n"

# name, file, text that replaces it (or is appended when it begins with +), message expected
CASES = (
    (
        "core includes libuv",
        "core/base/ids.cpp",
        "+#include <uv.h>\n",
        "<uv.h> belongs to firmware/runtime",
    ),
    (
        "core includes a system header",
        "core/base/ids.cpp",
        "+#include <unistd.h>\n",
        "no system or C header",
    ),
    ("core includes a clock", "core/base/ids.cpp", "+#include <chrono>\n", "<chrono> is banned"),
    (
        "gms includes mcs",
        "core/gms/push.cpp",
        '+#include "core/mcs/policy.h"\n',
        "core/gms may not include",
    ),
    (
        "base includes gms",
        "core/base/ids.cpp",
        '+#include "core/gms/push.h"\n',
        "core/base may not include",
    ),
    (
        "core includes firmware",
        "core/gms/push.cpp",
        '+#include "firmware/x.h"\n',
        "does not exist",
    ),
    (
        "a library in a second folder",
        "firmware/config/file.cpp",
        "+#include <uv.h>\n",
        "belongs to firmware/runtime",
    ),
    (
        "formatting that a board's flash pays for",
        "firmware/config/file.cpp",
        "+#include <format>\n",
        "see firmware/platform/text.h",
    ),
    (
        "an include from beside",
        "core/gms/push.cpp",
        '+#include "push.h"\n',
        "from the root of the project",
    ),
    (
        "a row without test",
        "core/spec/clauses.csv",
        INDEX.replace("tests/procedures/c_push_test.cpp", ""),
        "is implemented, but names no test",
    ),
    (
        "a test without tag",
        "tests/procedures/c_push_test.cpp",
        '#include "core/gms/push.h"\n' '#include "core/mcs/policy.h"\nTEST_CASE("x") {}\n',
        "has no test case tagged [10.2.7.2]",
    ),
    (
        "a row with a missing source",
        "core/spec/clauses.csv",
        INDEX.replace("push.cpp", "pull.cpp"),
        "source core/gms/pull.cpp does not exist",
    ),
    (
        "a header without its clause",
        "core/gms/push.h",
        '#pragma once\n#include "core/base/ids.h"\n',
        "lacks the line '@clause S0 10.2.7.2 (10.2.7.2)'",
    ),
    (
        "a clause without row",
        "core/mcs/policy.h",
        "+/// @clause S0 10.9.9 (10.9.9)\n",
        "has no row in",
    ),
    ("a malformed clause", "core/mcs/policy.h", "+/// @clause 10.9.9\n", "write it as: @clause"),
    (
        "a tag without row",
        "tests/procedures/c_push_test.cpp",
        '+TEST_CASE("y", "[10.2.7.9]") {}\n',
        "tag [10.2.7.9] has no row",
    ),
    (
        "a status of no kind",
        "core/spec/clauses.csv",
        INDEX.replace("implemented", "done"),
        "status 'done'",
    ),
    (
        "a kind of no kind",
        "core/spec/clauses.csv",
        INDEX.replace(",step,1", ",stage,1"),
        "kind 'stage'",
    ),
    (
        "a role of no kind",
        "core/spec/clauses.csv",
        INDEX.replace("partner,flow", "pattern,flow"),
        "role 'pattern'",
    ),
    (
        "nobody acts",
        "core/spec/clauses.csv",
        INDEX.replace("gms,partner,flow", ",,flow"),
        "the row says which entity acts",
    ),
    (
        "a sentence for a title",
        "core/spec/clauses.csv",
        INDEX.replace("Push", "the server " * 6 + "pushes"),
        "the title is longer than 64 characters",
    ),
    (
        "a resolution that is not written down",
        "core/spec/clauses.csv",
        INDEX.replace("mandatory", "mandatory; P9"),
        "P9 is not in core/spec/resolutions.md",
    ),
    (
        "a plan with a source",
        "core/spec/clauses.csv",
        INDEX.replace("flow,,,", "flow,,core/gms/push.cpp,"),
        "only what is implemented names sources and tests",
    ),
    (
        "a gap between two steps",
        "core/spec/clauses.csv",
        INDEX.replace(STEP.replace(",1,", ",2a,"), ""),
        "S0 10.2.7.2: its step rows are 1 2b, but the excerpt has 1 2a 2b",
    ),
    (
        "steps out of order",
        "core/spec/clauses.csv",
        HEADER + ROW + STEPS.replace(",1,", ",9,").replace(",2b,", ",1,") + FLOW + ELEMENT,
        "its step rows are 9 2a 1",
    ),
    (
        "the same row twice",
        "core/spec/clauses.csv",
        INDEX + ELEMENT,
        "the same row as line 7",
    ),
    (
        "a flow without elements",
        "core/spec/clauses.csv",
        HEADER + ROW + STEPS + FLOW,
        "S1 10.2.2.x: its element rows are none, but the excerpt has 1",
    ),
    (
        "a note that the excerpt does not have",
        "core/spec/clauses.csv",
        INDEX + FLOW.replace("flow,", "note,1"),
        "S1 10.2.2.x: its note rows are 1, but the excerpt has none",
    ),
    (
        "a clause that the index lacks",
        "core/spec/clauses.csv",
        HEADER + ROW + STEPS,
        "S1 10.2.2.x has no row; the excerpt prints it",
    ),
    (
        "a clause that the excerpts lack",
        "core/spec/clauses.csv",
        INDEX + FLOW.replace("10.2.2.x", "10.2.2.y"),
        "S1 10.2.2.y is not in core/spec/outline.csv",
    ),
    (
        "clauses out of order",
        "core/spec/clauses.csv",
        HEADER + FLOW + ELEMENT + ROW + STEPS,
        "S1 10.2.2.x is out of order: S0 10.2.7.2 comes before it",
    ),
    (
        "rows of a clause apart",
        "core/spec/clauses.csv",
        HEADER + ROW + FLOW + ELEMENT + STEPS,
        "S0 10.2.7.2: its rows stand together",
    ),
    (
        "an outline with a gap",
        "core/spec/outline.csv",
        OUTLINE.replace("1 2a 2b", "1 2b"),
        "step 2b does not follow",
    ),
    (
        "a scenario without row",
        "tests/scenarios/10.2.7.3_pull.scn",
        "",
        "no row of 10.2.7.3 in core/spec/clauses.csv names this scenario",
    ),
    (
        "a row whose scenario is gone",
        "core/spec/clauses.csv",
        INDEX.replace("_push.scn", "_pull.scn"),
        "scenario tests/scenarios/10.2.7.2_pull.scn is not a file",
    ),
    (
        "a stale table",
        "README.md",
        "<!-- procedures: -->\n<!-- end of procedures -->\n",
        "the table of procedures is out of date",
    ),
    (
        "a long line",
        "core/base/ids.cpp",
        "+// " + "x" * 100 + "\n",
        "103 columns; the limit is 100",
    ),
    (
        "a long function",
        "core/gms/push.cpp",
        "+" + LONG_FUNCTION,
        "f has 82 lines; the limit is 70",
    ),
    (
        "a long procedure file",
        "core/gms/push.cpp",
        "+" + "//\n" * 300,
        "file has 301 lines; the limit is 300",
    ),
    (
        "a long file",
        "core/base/ids.cpp",
        "+" + "//\n" * 400,
        "file has 401 lines; the limit is 400",
    ),
    (
        "an exception that could shrink",
        "tests/lint/lengths.txt",
        "core/base/ids.cpp file 500\n",
        "remove its line",
    ),
    ("a dead header", "core/base/dead.h", "#pragma once\n", "nobody includes this header"),
    ("a dead source", "core/orphan/dead.cpp", "int x;\n", "no target builds this source"),
    ("a dead script", "toolchains/dead_script.sh", "true\n", "nothing refers to this script"),
    (
        "a test of wrong name",
        "tests/procedures/push.cpp",
        "int x;\n",
        "a test is named *_test.cpp",
    ),
    ("a leftover", "core/base/ids.cpp", "+// TO" "DO: later\n", "leftover"),
    (
        "a path of one machine",
        "firmware/config/file.cpp",
        '+const char* p = "/ho' 'me/me/x";\n',
        "a path of one machine",
    ),
    ("a host name", "dev", "curl deb.debi" "an.org\n", "a registry's host name"),
    ("floating point in the core", "core/base/ids.cpp", "+double x;\n", "no floating point"),
    (
        "unordered in the core",
        "core/base/ids.cpp",
        "+std::unordered_map<int, int> m;\n",
        "unordered",
    ),
    ("a clock in the core", "core/base/ids.cpp", "+long t = time(nullptr);\n", "reads no clock"),
    (
        "the environment in the core",
        "core/base/ids.cpp",
        '+auto e = getenv("X");\n',
        "environment",
    ),
    (
        "printing in the core",
        "core/base/ids.cpp",
        '+void f() { printf("x"); }\n',
        "does not print",
    ),
    ("white space at the end", "core/base/ids.cpp", "+int x; \n", "white space at the end"),
)


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def lint(files):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, files)
        command = [sys.executable, "-B", str(LINT / "run.py"), str(root)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        return result.returncode, result.stdout + result.stderr


def planted(path, text):
    files = dict(SOUND)
    files[path] = files.get(path, "") + text[1:] if text.startswith("+") else text
    return files


def main():
    status, printed = lint(SOUND)
    if status != 0:
        print("the sound tree does not pass:\n" + printed)
        return 1
    failures = 0
    for name, path, text, expected in CASES:
        status, printed = lint(planted(path, text))
        if status != 1 or expected not in printed:
            failures += 1
            print(f"not found: {name}; expected '{expected}', got:\n{printed}")
    print(f"{len(CASES)} planted violations, {len(CASES) - failures} found")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
