# SPDX-License-Identifier: Apache-2.0
"""The files of the project, and C++ text without comments and strings, for the checks."""

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

CPP = (".h", ".cpp")
TEXT = CPP + (
    ".fbs",
    ".py",
    ".sh",
    ".cmake",
    ".md",
    ".txt",
    ".csv",
    ".json",
    ".toml",
    ".scn",
    ".yml",
)
NAMES = (
    "CMakeLists.txt",
    "dev",
    "run",
    "LICENSE",
    ".clang-format",
    ".clang-tidy",
    ".editorconfig",
    ".gitignore",
)


@dataclass
class Problem:
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


@dataclass
class Tree:
    root: Path
    paths: list = field(default_factory=list)
    texts: dict = field(default_factory=dict)
    codes: dict = field(default_factory=dict)

    def __post_init__(self):
        for folder, folders, names in os.walk(self.root):
            top = Path(folder) == self.root
            folders[:] = sorted(name for name in folders if not is_ignored(name, top))
            for name in sorted(names):
                path = Path(folder) / name
                if (path.suffix in TEXT or name in NAMES) and not path.is_symlink():
                    self.paths.append(path.relative_to(self.root).as_posix())

    def text(self, path):
        if path not in self.texts:
            self.texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self.texts[path]

    def code(self, path):
        """The text with comments and string contents blanked; lines stay where they are."""
        if path not in self.codes:
            self.codes[path] = blank(self.text(path))
        return self.codes[path]

    def select(self, *folders, suffixes=CPP):
        return [p for p in self.paths if p.endswith(suffixes) and p.startswith(folders)]

    def exists(self, path):
        return (self.root / path).is_file()


def is_ignored(name, top):
    if name in (".git", ".sdk", ".cache", "__pycache__", "node_modules"):
        return True
    return top and name.startswith("build")


COMMENT = r"//[^\n]*|/\*.*?\*/"
RAW_STRING = r'R"([^()\\ ]{0,16})\(.*?\)\1"'
STRING = r'"(?:\\.|[^"\\\n])*"'
CHARACTER = r"(?<![0-9a-zA-Z])'(?:\\.|[^'\\\n])*'"
TOKEN = re.compile("|".join((COMMENT, RAW_STRING, STRING, CHARACTER)), re.S)


def blank(text):
    def replace(match):
        found = match.group(0)
        if found.startswith(("//", "/*")):
            return re.sub(r"[^\n]", " ", found)
        return found[0] + re.sub(r"[^\n]", "_", found[1:-1]) + found[-1]

    return TOKEN.sub(replace, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)


def includes(tree, path):
    """(line, opening character, name) of every include of a file."""
    text = tree.text(path)
    for match in INCLUDE.finditer(text):
        yield line_of(text, match.start()), match.group(1), match.group(2)


def default_root():
    return Path(
        sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    ).resolve()
