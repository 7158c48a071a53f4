"""The changes that the page on compatibility lists break whom it says."""

from __future__ import annotations

from pathlib import Path

from penstock.wire.gate import Level, compare
from tests.docs.documents import table
from tests.wire.gate_cases import MAIN, Case, artifacts


def test_compatibility_says_whom_a_change_breaks(tmp_path: Path) -> None:
    rows = table("docs/compatibility.md", "change of a field")
    cases = [
        Case(f"row{number}", _levels(breaks), {MAIN: _file(number, before)}, {MAIN: _file(number, after)})
        for number, (_, before, after, breaks) in enumerate(rows)
    ]
    before, after = (artifacts(cases, side, tmp_path / side) for side in ("before", "after"))
    found = [frozenset().union(*(c.levels for c in compare(before[k.name], after[k.name]))) for k in cases]
    assert found == [case.levels for case in cases]


def _levels(cell: str) -> frozenset[Level]:
    return frozenset() if cell == "nobody" else frozenset(Level[word] for word in cell.split(", "))


def _file(number: int, fields: str) -> str:
    return f'syntax = "proto3"; package row{number}; message In {{ {fields.strip("`")} }} message Out {{}}'
