# SPDX-License-Identifier: Apache-2.0
"""Formatting of C++ by .clang-format, and tidy ends of lines in all files."""

import glob
import re
import shutil
import subprocess

from tree import CPP, Problem

VERSION = "19"


def formatter(tree):
    """clang-format 19 of this machine, or that of .sdk, started by its own loader."""
    name = shutil.which("clang-format-" + VERSION)
    if name:
        return [name]
    name = shutil.which("clang-format")
    if name:
        printed = subprocess.run([name, "--version"], capture_output=True, text=True, check=False)
        if re.search(rf"version {VERSION}\.", printed.stdout):
            return [name]
    for root in glob.glob(str(tree.root / ".sdk" / "trixie")):
        program = f"{root}/usr/bin/clang-format-{VERSION}"
        libraries = f"{root}/usr/lib/x86_64-linux-gnu:{root}/usr/lib/llvm-{VERSION}/lib"
        command = [f"{root}/usr/lib64/ld-linux-x86-64.so.2", "--library-path", libraries, program]
        if (
            subprocess.run([*command, "--version"], capture_output=True, check=False).returncode
            == 0
        ):
            return command
    return None


def check(tree):
    for path in tree.paths:
        text = tree.text(path)
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                yield Problem(path, number, "white space at the end of the line")
        if text and not text.endswith("\n"):
            yield Problem(path, text.count("\n") + 1, "no newline at the end of the file")
    yield from cpp(tree)


def cpp(tree):
    paths = tree.select("", suffixes=CPP)
    command = formatter(tree)
    if command is None:
        print(f"formatting of C++ not checked: no clang-format {VERSION}; ./dev setup brings it")
        return
    if not paths:
        return
    result = subprocess.run(
        [*command, "--dry-run", *paths], cwd=tree.root, capture_output=True, text=True, check=False
    )
    seen = set()
    for path, line in re.findall(r"^(\S+?):(\d+):\d+: (?:warning|error):", result.stderr, re.M):
        if path not in seen:
            yield Problem(path, int(line), "not formatted: run ./dev fmt")
        seen.add(path)
    if result.returncode != 0 and not seen:
        yield Problem(".clang-format", 1, result.stderr.strip()[:300])
