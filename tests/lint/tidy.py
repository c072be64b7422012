# SPDX-License-Identifier: Apache-2.0
"""tidy.py BUILD FOLDER: clang-tidy over the sources of one folder, with the flags of BUILD.
A source that passed is not looked at again until it, a header of ours that it includes, or the
set of checks changes."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

PROGRAM = "clang-tidy-19"
ROOT = Path(__file__).resolve().parents[2]


def dependencies(build):
    """object file -> headers, as ninja recorded them."""
    printed = subprocess.run(
        ["ninja", "-C", str(build), "-t", "deps"], capture_output=True, text=True, check=True
    ).stdout
    found, current = {}, None
    for line in printed.splitlines():
        if line.startswith("    "):
            found[current].append(line.strip())
        elif ":" in line:
            current = line.split(":")[0]
            found[current] = []
    return found


def key(entry, headers, checks):
    digest = hashlib.sha256(checks + entry["command"].encode())
    for name in sorted({entry["file"], *headers}):
        path = Path(entry["directory"], name)
        if path.is_file() and path.resolve().is_relative_to(ROOT):
            digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()


def main():
    build, folder = Path(sys.argv[1]).resolve(), sys.argv[2].rstrip("/") + "/"
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    checks = (ROOT / ".clang-tidy").read_bytes()
    headers = dependencies(build)
    passed = build / "tidy-passed"
    passed.mkdir(exist_ok=True)
    failed = looked_at = 0
    for entry in commands:
        path = Path(entry["file"])
        if not path.is_relative_to(ROOT) or not str(path.relative_to(ROOT)).startswith(folder):
            continue
        mark = passed / key(entry, headers.get(entry["output"], []), checks)
        if mark.exists():
            continue
        looked_at += 1
        command = [PROGRAM, "--quiet", "-p", str(build), str(path)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode == 0:
            mark.touch()
        else:
            failed += 1
            print(
                re.sub(r"^.*warnings generated\.\n", "", result.stdout + result.stderr, flags=re.M)
            )
    print(f"{folder}: {looked_at} sources looked at, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
