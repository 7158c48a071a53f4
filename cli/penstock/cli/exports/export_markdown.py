"""An exported execution as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from penstock.cli.client import JsonObject
from penstock.cli.exports.export_report import Table, report_of
from penstock.cli.table import one_line

_SPECIAL = re.compile(r"([\\`*{}\[\]<>#|~&]|(?<!\w)_|_(?!\w))")


def markdown_report(document: JsonObject) -> str:
    return "\n".join(_lines(document)) + "\n"


def _lines(document: JsonObject) -> Iterator[str]:
    report = report_of(document)
    yield f"# {_plain(report.title)}"
    yield ""
    for name, value in report.facts.items():
        yield f"- {name}: {_plain(value)}"
    for table in report.tables:
        yield from _table(table)
    if report.traceback:
        yield from ("", "## Traceback", "")
        yield from _fenced(report.traceback, "")
    if report.messages:
        yield from ("", "## What flowed")
        for message in report.messages:
            yield from ("", f"### {_plain(message.title)}", "")
            yield from _fenced(message.text, "json")


def _table(table: Table) -> Iterator[str]:
    yield from ("", f"## {table.title}", "")
    yield _row(table.headers)
    yield _row(("---",) * len(table.headers))
    for row in table.rows:
        yield _row(tuple(map(_plain, row)))
    if table.note:
        yield from ("", table.note)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def _fenced(text: str, language: str) -> Iterator[str]:
    # A fence is longer than any within.
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    yield f"{fence}{language}"
    yield from (one_line(line) for line in text.rstrip().split("\n"))
    yield fence
