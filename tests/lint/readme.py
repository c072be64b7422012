# SPDX-License-Identifier: Apache-2.0
"""The table of procedures in README.md is written from the clause index: `readme.py` writes it,
the lint checks that it is up to date."""

import re

from clauses import INDEX, read_rows
from tree import Problem, Tree, default_root, line_of

README = "README.md"
TABLE = re.compile(r"(<!-- procedures:[^\n]*-->\n)(.*?)(<!-- end of procedures -->)", re.S)


def render(tree):
    """A line for each procedure: a clause with the steps of a figure."""
    rows, _ = read_rows(tree)
    clauses, figures = {}, set()
    for _, row in rows or []:
        key = (row["excerpt"], row["clause"])
        if row["kind"] == "step":
            figures.add(key)
        if row["kind"] == "clause" and row["status"] != "not_applicable":
            clauses.setdefault(key, []).append(row)
    lines = ["| procedure | clause (published) | status | shown by |", "|---|---|---|---|"]
    for key, group in clauses.items():
        if key in figures:
            title, number = group[0]["title"], number_of(group[0])
            lines.append(f"| {title} | {number} | {status_of(group)} |{shown_by(tree, group[0])} |")
    return "\n".join(lines) + "\n"


def number_of(row):
    published = row["published"]
    return row["clause"] + ("" if published in ("", row["clause"]) else f" ({published})")


def shown_by(tree, row):
    """Links to the scenario that is named first and to the ladder diagram drawn from it."""
    if not row["scenario"]:
        return ""
    scenario = row["scenario"].split()[0]
    name = scenario.rsplit("/", 1)[-1].removesuffix(".scn")
    figure = f"host-sim/figures/{name}.svg"
    return f" [scenario]({scenario})" + (f", [figure]({figure})" if tree.exists(figure) else "")


def status_of(group):
    done = sum(row["status"] == "implemented" for row in group)
    if done == len(group):
        return "implemented"
    return "in part" if done else "planned"


def check(tree):
    if not tree.exists(README) or not tree.exists(INDEX):
        return
    text = tree.text(README)
    match = TABLE.search(text)
    if not match:
        yield Problem(README, 1, "the table of procedures has lost its marks")
    elif match[2] != render(tree):
        line = line_of(text, match.start())
        yield Problem(README, line, "the table of procedures is out of date: run ./dev fmt")


def main():
    tree = Tree(default_root())
    path = tree.root / README
    text = tree.text(README)
    path.write_text(TABLE.sub(lambda m: m[1] + render(tree) + m[3], text), encoding="utf-8")


if __name__ == "__main__":
    main()
