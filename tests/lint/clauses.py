# SPDX-License-Identifier: Apache-2.0
"""The clause index against headers and tests; core/spec/README.md explains its columns."""

import csv
import io
import re

import outline
from tree import CPP, Problem, line_of

INDEX = "core/spec/clauses.csv"
COLUMNS = (
    "excerpt clause published title entity role kind step source tests scenario status note"
).split()
STATUS = ("implemented", "planned", "not_applicable")
KINDS = ("clause", "step", "flow", "element", "note", "definition", "precondition", "rule")
UNNUMBERED = ("clause", "flow")
RESOLUTIONS = "core/spec/resolutions.md"
RESOLUTION = re.compile(r"\b[DPNARF]\d+\b")
EXCERPTS = ("S0", "S1", "S2", "S3", "S4")
ENTITIES = ("gms", "mcs", "acm", "client", "profile", "proxy")
ROLES = ("home", "partner", "own", "asking", "hosting", "requester", "target", "between")
SCENARIOS = "tests/scenarios/"
TITLE = 64  # characters: our own words, not a sentence of the excerpt
CITATION = re.compile(r"@clause\s+(S\d)\s+(\S+)(?:\s+\(([^)\s]+)\))?[ \t]*$", re.M)
CITATION_START = re.compile(r"@clause\b[^\n]*")
TAG = re.compile(r"\[(\d+\.[\dA-Za-z]+(?:\.[\dA-Za-z]+)*)\]")


def check(tree):
    cited = {}
    for path in tree.select("core/", "firmware/", suffixes=CPP):
        text = tree.text(path)
        whole = {m.start(): m for m in CITATION.finditer(text)}
        for start in CITATION_START.finditer(text):
            match = whole.get(start.start())
            line = line_of(text, start.start())
            if not match:
                yield Problem(path, line, "write it as: @clause S0 10.2.7.2 (10.2.7.2)")
            else:
                cited.setdefault((match[1], match[2], match[3] or ""), []).append((path, line))
    if not tree.exists(INDEX):
        yield Problem(INDEX, 1, "the clause index is missing")
        return
    rows, problems = read_rows(tree)
    yield from problems
    if rows is None:
        return
    yield from unlisted(tree, rows, cited)
    yield from outline.check(tree, rows, INDEX)
    seen = {}
    resolutions = tree.text(RESOLUTIONS) if tree.exists(RESOLUTIONS) else ""
    for line, row in rows:
        for number in RESOLUTION.findall(row["note"]):
            if f"\n| {number} |" not in resolutions:
                yield Problem(INDEX, line, f"{number} is not in {RESOLUTIONS}")
        yield from check_row(tree, line, row, cited)
        identity = tuple(row[c] for c in ("excerpt", "clause", "entity", "role", "kind", "step"))
        if identity in seen:
            yield Problem(INDEX, line, f"the same row as line {seen[identity]}")
        seen[identity] = line


def read_rows(tree):
    reader = csv.reader(io.StringIO(tree.text(INDEX)))
    rows, problems = [], []
    for fields in reader:
        if reader.line_num == 1:
            if fields != COLUMNS:
                return None, [Problem(INDEX, 1, "the columns must be " + ",".join(COLUMNS))]
        elif len(fields) != len(COLUMNS):
            text = f"{len(fields)} fields instead of {len(COLUMNS)}"
            problems.append(Problem(INDEX, reader.line_num, text))
        else:
            rows.append((reader.line_num, dict(zip(COLUMNS, fields))))
    return rows, problems


def unlisted(tree, rows, cited):
    listed = {(r["excerpt"], r["clause"], r["published"]) for _, r in rows}
    for key, places in cited.items():
        if key not in listed:
            for path, line in places:
                yield Problem(path, line, f"'{' '.join(key).strip()}' has no row in {INDEX}")
    clauses = {r["clause"] for _, r in rows}
    for path in tree.select("tests/"):
        text = tree.text(path)
        for match in TAG.finditer(text):
            if match[1] not in clauses and in_test_case(text, match.start()):
                yield Problem(
                    path, line_of(text, match.start()), f"tag [{match[1]}] has no row in {INDEX}"
                )
    shown = {(r["clause"], s) for _, r in rows for s in r["scenario"].split()}
    for path in tree.select(SCENARIOS, suffixes=(".scn",)):
        clause = path[len(SCENARIOS) :].split("_")[0]
        if clause[0].isdigit() and (clause, path) not in shown:
            yield Problem(path, 1, f"no row of {clause} in {INDEX} names this scenario")


def in_test_case(text, offset):
    return re.search(
        r"(TEST_CASE|SCENARIO)(_METHOD)?\s*\([^;{]*$", text[max(0, offset - 400) : offset]
    )


def check_row(tree, line, row, cited):
    for column, values in (("status", STATUS), ("kind", KINDS), ("excerpt", EXCERPTS)):
        if row[column] not in values:
            yield Problem(INDEX, line, f"{column} '{row[column]}': one of {', '.join(values)}")
    for column in ("clause", "title"):
        if not row[column]:
            yield Problem(INDEX, line, f"{column} is empty")
    if len(row["title"]) > TITLE:
        yield Problem(INDEX, line, f"the title is longer than {TITLE} characters")
    if (row["kind"] in UNNUMBERED) == bool(row["step"]):
        yield Problem(INDEX, line, "clauses and flows have no step, all other rows have one")
    if row["status"] == "not_applicable" and not row["note"]:
        yield Problem(INDEX, line, "a row that is not applicable says why in its note")
    if row["status"] != "implemented" and (row["source"] or row["tests"]):
        yield Problem(INDEX, line, "only what is implemented names sources and tests")
    yield from check_who(line, row)
    for scenario in row["scenario"].split():
        if not scenario.startswith(SCENARIOS) or not tree.exists(scenario):
            yield Problem(INDEX, line, f"scenario {scenario} is not a file in {SCENARIOS}")
    if row["status"] == "implemented":
        yield from check_sources(tree, line, row, cited)
        yield from check_tests(tree, line, row)


def check_who(line, row):
    if row["status"] != "not_applicable" and not (row["entity"] and row["role"]):
        yield Problem(INDEX, line, "the row says which entity acts, and in which role")
    if row["entity"] and row["entity"] not in ENTITIES:
        text = f"entity '{row['entity']}': one of {', '.join(ENTITIES)}"
        yield Problem(INDEX, line, text)
    for role in row["role"].split(" and ") if row["role"] else ():
        if role not in ROLES:
            yield Problem(INDEX, line, f"role '{role}': one of {', '.join(ROLES)}")


def check_sources(tree, line, row, cited):
    if not row["source"]:
        yield Problem(INDEX, line, f"{row['clause']} is implemented, but names no source")
    key = (row["excerpt"], row["clause"], row["published"])
    citing = {path for path, _ in cited.get(key, [])}
    for source in row["source"].split():
        if not tree.exists(source):
            yield Problem(INDEX, line, f"source {source} does not exist")
            continue
        if row["kind"] == "clause" and source.endswith(CPP):
            header = re.sub(r"\.cpp$", ".h", source)
            if header not in citing:
                line_wanted = f"@clause {key[0]} {key[1]}" + (f" ({key[2]})" if key[2] else "")
                yield Problem(INDEX, line, f"{header} lacks the line '{line_wanted}'")


def check_tests(tree, line, row):
    tests = row["tests"].split()
    if not tests:
        yield Problem(INDEX, line, f"{row['clause']} is implemented, but names no test")
    for test in tests:
        if not tree.exists(test):
            yield Problem(INDEX, line, f"test {test} does not exist")
        elif test.endswith(CPP) and f"[{row['clause']}]" not in tree.text(test):
            yield Problem(INDEX, line, f"{test} has no test case tagged [{row['clause']}]")
