"""Statements that read what flowed open it: a new one cannot forget that it may be sealed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from penstock.engine.storage.postgres import database, payloads
from tests.tidy.imports import imported_modules, syntax

FOLDER = Path(database.__file__).parent
SEALED = {"payload", "input", "output", "request", "response", "data", "head", "tail", "item"}
"""Columns that hold what may be sealed: see tests/sealed/test_at_rest.py."""
NO_READERS = {
    "payloads.py": "opens them",
    "leases.py": "gives inputs on as rows hold them, to executions.py",
    "group_writer.py": "writes",
    "usage.py": "reads reports of usage alone, which are plain",
    "retention.py": "adds up sizes",
    "filter_sql.py": "makes conditions of searchable fields",
}
_READS = re.compile(r"\b(select|returning)\b", re.IGNORECASE)
_COLUMN = re.compile(rf"\b(?:[a-z]\.)?({'|'.join(SEALED)})\b")


def statements(path: Path) -> Iterator[str]:
    """Texts of a module that read rows; what is put into them is left out."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _READS.search(node.value):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            if _READS.search(text):
                yield text


def test_who_reads_what_may_be_sealed_opens_it() -> None:
    readers = {path.name for path in FOLDER.glob("*.py") if any(_COLUMN.search(text) for text in statements(path))}
    opening = {path.name for path in FOLDER.glob("*.py") if payloads.__name__ in imported_modules(path)}
    assert readers - opening - NO_READERS.keys() == set()
    assert len(opening) >= 10
