# SPDX-License-Identifier: Apache-2.0
"""Lengths of lines, functions and files: a ratchet. Exceptions in lengths.txt may only shrink."""

import re

from tree import CPP, Problem, line_of

COLUMNS = 100
FUNCTION_LINES = 70
FILE_LINES = 400
PROCEDURE_LINES = 300
PROCEDURES = ("core/gms/", "core/mcs/", "core/acm/")
EXCEPTIONS = "tests/lint/lengths.txt"
CODE = CPP + (".fbs", ".py", ".sh", ".cmake", "CMakeLists.txt", "dev")


def check(tree):
    exceptions = dict(read_exceptions(tree))
    for path, what, line, length, limit in measure(tree):
        key = (path, what)
        allowed = exceptions.pop(key, None)
        if allowed is None:
            if length > limit:
                yield Problem(path, line, f"{what} has {length} lines; the limit is {limit}")
        elif length <= limit:
            yield Problem(
                path, line, f"{what} keeps the limit now: remove its line from {EXCEPTIONS}"
            )
        elif length > allowed:
            yield Problem(
                path, line, f"{what} has grown to {length} lines; its exception is {allowed}"
            )
        elif length < allowed:
            yield Problem(
                path, line, f"{what} has shrunk: lower its exception in {EXCEPTIONS} to {length}"
            )
    for path, what in exceptions:
        yield Problem(EXCEPTIONS, 1, f"{path} {what} is no more: remove its line")
    yield from long_lines(tree)


def read_exceptions(tree):
    """Lines of three words: path, file or function name, allowed length."""
    if not tree.exists(EXCEPTIONS):
        return
    for line in tree.text(EXCEPTIONS).splitlines():
        if line.strip() and not line.startswith("#"):
            path, what, allowed = line.split()
            yield (path, what), int(allowed)


def measure(tree):
    for path in tree.select("", suffixes=CODE):
        lines = tree.text(path).count("\n")
        limit = PROCEDURE_LINES if path.startswith(PROCEDURES) else FILE_LINES
        yield path, "file", 1, lines, limit
        if path.endswith(CPP):
            for name, line, length in functions(tree.code(path)):
                yield path, name, line, length, FUNCTION_LINES


def long_lines(tree):
    for path in tree.select("", suffixes=CODE):
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            if len(line) > COLUMNS:
                yield Problem(path, number, f"{len(line)} columns; the limit is {COLUMNS}")


TYPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b[^()=]*$")
INITIALISER = re.compile(r"\)\s*(noexcept\s*)?:(?!:).*[\w>]\s*$", re.S)


def functions(code):
    """(name, first line, length) of every function body that is not inside another."""
    code = re.sub(
        r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), code, flags=re.M
    )
    stack = []  # kind of each open brace: "scope", "function" or "other"
    head = 0  # where the text before the next brace begins
    for match in re.finditer(r"[{};]", code):
        at = match.start()
        if match.group(0) == "{":
            before = code[head:at]
            kind = kind_of(before, stack)
            stack.append((kind, head if kind != "initialiser" else None, at))
            if kind != "initialiser":
                head = at + 1
        elif match.group(0) == "}":
            if not stack:
                return
            kind, begin, _ = stack.pop()
            if kind == "function":
                text = code[begin:at]
                first = line_of(code, begin + len(text) - len(text.lstrip()))
                yield name_of(text), first, line_of(code, at) - first + 1
            if kind != "initialiser":
                head = at + 1
        elif not any(kind == "initialiser" for kind, _, _ in stack):
            head = at + 1


def kind_of(before, stack):
    if any(kind in ("function", "other") for kind, _, _ in stack):
        return "other"
    if stack and stack[-1][0] == "initialiser":
        return "initialiser"
    if INITIALISER.search(before):
        return "initialiser"
    if TYPE.search(before):
        return "scope"
    return "function" if ")" in before and not re.search(r"[^=!<>]=\s*$", before) else "other"


def name_of(text):
    match = re.search(r"([\w:~]+|operator\s*\S+?)\s*\(", text)
    return match.group(1).replace(" ", "") if match else "function"
