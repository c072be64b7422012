# SPDX-License-Identifier: Apache-2.0
"""The clause index against the outline of the excerpts: what they print, counted clause by clause.
Rows that are missing, doubled or out of order are found without the excerpts at hand."""

import csv
import io
import re

from tree import Problem

OUTLINE = "core/spec/outline.csv"
COLUMNS = "excerpt clause preconditions steps notes elements definitions".split()
COUNTED = {
    "precondition": "preconditions",
    "note": "notes",
    "element": "elements",
    "definition": "definitions",
}
STEP = re.compile(r"(\d+)([a-z]?)(?:\.([ivx]+))?$")
ROMAN = ["", "i", "ii", "iii", "iv", "v"]
EDITOR = "editor"


def check(tree, rows, index):
    if not tree.exists(OUTLINE):
        yield Problem(OUTLINE, 1, "the outline of the excerpts is missing")
        return
    expected, problems = read_outline(tree)
    yield from problems
    found = {}
    last = None
    for line, row in rows:
        key = (row["excerpt"], row["clause"])
        if key in found and key != last:
            yield Problem(index, line, f"{' '.join(key)}: its rows stand together")
        found.setdefault(key, []).append((line, row))
        last = key
    yield from in_order(index, found, expected)
    for key, own_rows in found.items():
        if key in expected:
            yield from check_clause(index, key, own_rows, expected[key])


def read_outline(tree):
    expected, problems = {}, []
    reader = csv.DictReader(io.StringIO(tree.text(OUTLINE)))
    if reader.fieldnames != COLUMNS:
        return {}, [Problem(OUTLINE, 1, "the columns must be " + ",".join(COLUMNS))]
    for row in reader:
        steps = row["steps"].split()
        gap = first_gap(steps)
        if gap:
            problems.append(Problem(OUTLINE, reader.line_num, f"step {gap} does not follow"))
        expected[(row["excerpt"], row["clause"])] = row
    return expected, problems


def first_gap(steps):
    """The first step that follows none: 1 2a 2b 3 3.i 3.ii 4 has no gap."""
    before = (0, "", 0)
    for step in steps:
        match = STEP.match(step)
        if not match or match[3] and match[3] not in ROMAN:
            return step
        at = (int(match[1]), match[2], ROMAN.index(match[3] or ""))
        number, letter, point = before
        following = {(number + 1, "", 0), (number + 1, "a", 0), (number, letter, point + 1)}
        if letter:
            following.add((number, chr(ord(letter) + 1), 0))
        if at not in following or at == (0, "", 1):
            return step
        before = at
    return None


def in_order(index, found, expected):
    for key in expected:
        if key not in found:
            yield Problem(index, 1, f"{' '.join(key)} has no row; the excerpt prints it")
    for key, own_rows in found.items():
        if key not in expected:
            yield Problem(index, own_rows[0][0], f"{' '.join(key)} is not in {OUTLINE}")
    known = [key for key in found if key in expected]
    wanted = [key for key in expected if key in found]
    for ours, theirs in zip(known, wanted):
        if ours != theirs:
            line = found[ours][0][0]
            text = f"{' '.join(ours)} is out of order: {' '.join(theirs)} comes before it"
            yield Problem(index, line, text)
            return


def check_clause(index, key, own_rows, wanted):
    line = own_rows[0][0]
    name = " ".join(key)
    if own_rows[0][1]["kind"] not in ("clause", "flow"):
        yield Problem(index, line, f"{name}: its first row is a clause or a flow")
    has_flow = any(row["kind"] == "flow" for _, row in own_rows)
    if has_flow != (wanted["elements"] != "0"):
        yield Problem(index, line, f"{name}: a flow has elements, and elements have a flow")
    kinds = {"step": wanted["steps"].split(), "rule": None}
    for kind, column in COUNTED.items():
        kinds[kind] = int(wanted[column])
    for kind, steps in kinds.items():
        printed = in_a_row(own_rows, kind)
        numbers = [step for step in printed if step != EDITOR]
        if steps is None:
            steps = [str(n) for n in range(1, len(numbers) + 1)]
        elif isinstance(steps, int):
            steps = [str(n) for n in range(1, steps + 1 - printed.count(EDITOR))]
        if numbers != steps:
            text = f"{' '.join(numbers) or 'none'}, but the excerpt has {' '.join(steps) or 'none'}"
            yield Problem(index, line, f"{name}: its {kind} rows are {text}")


def in_a_row(own_rows, kind):
    """The steps of a kind in the order of their rows; the two ends of one stand together."""
    steps = []
    for _, row in own_rows:
        if row["kind"] == kind and (not steps or steps[-1] != row["step"]):
            steps.append(row["step"])
    return steps
