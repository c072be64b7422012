# SPDX-License-Identifier: Apache-2.0
"""All static checks of the tree: run.py [ROOT]. Exits 1 if one found something."""

import sys
import time

import banned
import clauses
import dead_files
import formatting
import includes
import lengths
import readme
from tree import Tree, default_root

CHECKS = {
    "includes": includes.check,
    "clauses": clauses.check,
    "readme": readme.check,
    "lengths": lengths.check,
    "dead files": dead_files.check,
    "banned": banned.check,
    "formatting": formatting.check,
}


def main():
    start = time.monotonic()
    tree = Tree(default_root())
    found = 0
    for name, check in CHECKS.items():
        for problem in check(tree):
            print(f"{problem} [{name}]")
            found += 1
    seconds = time.monotonic() - start
    verdict = f"{found} problems" if found else "clean"
    print(f"lint: {len(tree.paths)} files, {len(CHECKS)} checks, {seconds:.1f} s: {verdict}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
