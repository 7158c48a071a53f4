"""Tables that fit the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category, east_asian_width

_GAP = "  "
# Less says nothing: a word and the mark that it was cut.
_NARROWEST = 8


def render(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None, flexible: str = "") -> str:
    """The table as lines. The column headed `flexible` is cut until it fits `width` cells; None means no limit."""
    cells = [[one_line(cell) for cell in row] for row in (headers, *rows)]
    widths = [max(map(cell_count, column)) for column in zip(*cells, strict=True)]
    if width is not None and flexible:
        index = headers.index(flexible)
        excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
        widths[index] = min(widths[index], max(_NARROWEST, widths[index] - excess))
    return "\n".join(_GAP.join(map(_fit, row, widths)).rstrip() for row in cells)


def one_line(text: str) -> str:
    """`text` without what moves a terminal's cursor or changes its state: it may come from anybody's input."""
    return "".join(c if category(c) != "Cc" else " " if c.isspace() else f"\\x{ord(c):02x}" for c in text)


def cell_count(text: str) -> int:
    """Terminal cells that `text` takes: two for a wide character, none for one that combines."""
    return sum(2 if east_asian_width(c) in "WF" else 0 if category(c) == "Mn" else 1 for c in text)


def _fit(text: str, width: int) -> str:
    if cell_count(text) > width:
        while cell_count(text) >= width:
            text = text[:-1]
        text += "…"
    return text + " " * (width - cell_count(text))
