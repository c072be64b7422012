# SPDX-License-Identifier: Apache-2.0
"""The table of procedures in README.md is written from the clause index: `readme.py` writes it,
the lint checks that it is up to date."""

import re

from clauses import INDEX, read_rows
from tree import Problem, Tree, default_root, line_of

README = "README.md"
TABLE = re.compile(r"(<!-- procedures:[^\n]*-->\n)(.*?)(<!-- end of procedures -->)", re.S)


def render(tree):
    rows, _ = read_rows(tree)
    clauses = {}
    for _, row in rows or []:
        if row["kind"] == "clause" and row["status"] != "not_applicable":
            clauses.setdefault((row["excerpt"], row["clause"]), []).append(row)
    lines = ["| procedure | clause (published) | status |", "|---|---|---|"]
    for (_, clause), group in clauses.items():
        first = group[0]
        published = first["published"]
        number = clause if published in ("", clause) else f"{clause} ({published})"
        lines.append(f"| {first['title']} | {number} | {status_of(group)} |")
    return "\n".join(lines) + "\n"


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
