"""What holds for every module: it says why it exists, and it can be read in one sitting."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.tidy.imports import syntax
from tests.tidy.tree import ROOT, is_generated, project_files

LINES_MAX = 300
"""Longer files have more than one reason to exist. A list of tests is read one by one, so it may be longer."""

PYTHON = [path for path in project_files() if path.suffix == ".py"]
WRITTEN = [path for path in PYTHON if not is_generated(path)]


def first_sentence(path: Path) -> str:
    return (ast.get_docstring(syntax(path)) or "").split("\n\n")[0]


def lines(path: Path) -> list[str]:
    return (ROOT / path).read_text(encoding="utf-8").splitlines()


def test_modules_say_in_one_sentence_why_they_exist() -> None:
    assert [str(path) for path in WRITTEN if not first_sentence(path).endswith((".", ":", "?"))] == []


def test_modules_are_short() -> None:
    product = [path for path in WRITTEN if path.parts[0] != "tests"]
    assert {str(path): len(lines(path)) for path in product if len(lines(path)) > LINES_MAX} == {}


def test_generated_modules_say_so_in_their_first_line() -> None:
    generated = [path for path in PYTHON if is_generated(path)]
    assert generated != []
    assert [str(path) for path in generated if "DO NOT EDIT" not in lines(path)[0]] == []
