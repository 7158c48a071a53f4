"""Tables that fit the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category, east_asian_width

_GAP = "  "
# Less says nothing: a word and the mark that it was cut.
_NARROWEST = 8


# A table of one column tells nothing of what it names.
_COLUMNS_MIN = 2


def render(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None, flexible: str = "") -> str:
    """The table as lines of `width` cells at most; None means no limit.

    The column headed `flexible` is cut until it fits. If that is not enough columns are left out from the right.
    """
    cells = [[one_line(cell) for cell in row] for row in (headers, *rows)]
    widths = [max(map(cell_count, column)) for column in zip(*cells, strict=True)]
    if width is not None:
        widths = _fitting(widths, width, headers.index(flexible) if flexible else -1)
    return "\n".join(_GAP.join(_fit(*pair) for pair in zip(row, widths, strict=False)).rstrip() for row in cells)


def _fitting(widths: Sequence[int], width: int, flexible: int) -> list[int]:
    """Widths of the columns that there is room for, as many as can be."""
    for count in range(len(widths), 0, -1):
        fitting = list(widths[:count])
        excess = sum(fitting) + len(_GAP) * (count - 1) - width
        if 0 <= flexible < count:
            least = min(fitting[flexible], _NARROWEST)
            cut = min(max(0, excess), fitting[flexible] - least)
            fitting[flexible] -= cut
            excess -= cut
        if excess <= 0 or count <= _COLUMNS_MIN:
            break
    return fitting


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
