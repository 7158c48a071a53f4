"""Reads the project's documents: their fenced blocks, the commands in them, their headings and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.harness import ROOT

_PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md", *_PAGES]

_FENCE = re.compile(
    r"(?:^`(?P<file>[\w./-]+)`\n\n)?^```(?P<language>\S*) *\n(?P<text>.*?)^``` *$", re.MULTILINE | re.DOTALL
)
_LINK = re.compile(r"(?<!!)\[[^]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(?P<text>.+?) *$", re.MULTILINE)
_PROMPT = "$ "


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. `file` is the path that stands alone on the line above it, "" for none."""

    document: str
    line: int
    language: str
    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a console block, without its prompt, and the output that the document shows for it."""

    place: str
    text: str
    output: str


@cache
def blocks(document: str) -> tuple[Block, ...]:
    source = read(document)
    return tuple(
        Block(
            document,
            source.count("\n", 0, found.start("language")) + 1,
            found["language"],
            found["file"] or "",
            found["text"],
        )
        for found in _FENCE.finditer(source)
    )


def commands(document: str) -> list[Command]:
    """The commands of all console blocks, in order. A command goes on after a line that ends in a backslash."""
    return [command for block in blocks(document) if block.language == "console" for command in _commands(block)]


def _commands(block: Block) -> Iterator[Command]:
    lines = block.text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(_PROMPT)]
    for start, following in zip(starts, [*starts[1:], len(lines)], strict=True):
        end = start
        while lines[end].endswith("\\"):
            end += 1
        text = "\n".join(lines[start : end + 1]).removeprefix(_PROMPT)
        place = f"{block.document}:{block.line + start + 1}"
        yield Command(place, text, "\n".join(lines[end + 1 : following]))


def prose(document: str) -> str:
    """The document without its fenced blocks."""
    return _FENCE.sub("", read(document))


def links(document: str) -> list[str]:
    return [found["target"] for found in _LINK.finditer(prose(document))]


def anchors(document: str) -> set[str]:
    """What a link may name after "#": headings in the form that GitHub gives them."""
    headings = (found["text"].lower() for found in _HEADING.finditer(prose(document)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


@cache
def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def table(document: str, first_heading: str) -> list[tuple[str, ...]]:
    """The rows of the table whose first column has this heading."""
    lines = prose(document).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first_heading} |"))
    end = next((number for number in range(start, len(lines)) if not lines[number].startswith("|")), len(lines))
    return [_cells(line) for line in lines[start + 2 : end]]


def _cells(row: str) -> tuple[str, ...]:
    cells = re.split(r"(?<!\\)\|", row.strip().removeprefix("|").removesuffix("|"))
    return tuple(cell.strip() for cell in cells)
