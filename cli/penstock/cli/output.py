"""Prints what a command found, for people or for programs."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence

from penstock.cli.table import render


def print_json(value: object) -> None:
    """One JSON document over several lines."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_json_line(value: object) -> None:
    """One JSON document on one line, at once, for a reader that follows."""
    print(json.dumps(value, separators=(",", ":"), ensure_ascii=False), flush=True)


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]], flexible: str = "") -> None:
    """A table as wide as the terminal at most: see `render`. Whole when piped."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print(render(headers, rows, width, flexible))


def print_list(headers: Sequence[str], rows: Sequence[Sequence[str]], empty: str, flexible: str = "") -> None:
    """A table; where there is nothing to show, what to do about it, beside the output that programs read."""
    if rows:
        print_table(headers, rows, flexible)
    else:
        print(empty, file=sys.stderr)
