"""Everything that a database holds, to be searched for what must not be in it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

_HEX = re.compile(r"\\x((?:[0-9a-f]{2})+)")
_TABLES = "select table_name from information_schema.tables where table_schema = 'public'"


def tables_with(url: str, marks: Sequence[str]) -> dict[str, set[str]]:
    """The marks that stand in each table, in whatever form; tables without any are left out."""
    found: dict[str, set[str]] = {}
    with psycopg.connect(url) as connection:
        for (table,) in connection.execute(_TABLES).fetchall():
            for (row,) in connection.execute(f'select t::text from "{table}" t'.encode()):
                # Bytes are shown in hex.
                content = row.encode() + b"".join(map(bytes.fromhex, _HEX.findall(row)))
                if marked := {mark for mark in marks if is_in(mark, content)}:
                    found[table] = found.get(table, set()) | marked
    return found


def files_with(folder: Path, marks: Sequence[str]) -> dict[str, set[str]]:
    """The marks that stand in files below a folder, by the file's name."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if marked := {mark for mark in marks if is_in(mark, content)}:
                found[path.name] = marked
    return found


def is_in(mark: str, content: bytes) -> bool:
    return any(form in content for form in _forms(mark.encode()))


def _forms(mark: bytes) -> Iterator[bytes]:
    """As it is, in hex, and in base64 wherever in a group of three bytes it begins."""
    yield mark
    yield mark.hex().encode()
    yield mark.hex().upper().encode()
    for lead in range(3):
        whole = b64encode(bytes(lead) + mark)
        # The first and the last characters depend on what stands around.
        yield whole[(lead + 2) // 3 * 4 : len(whole) // 4 * 4 - 4]
