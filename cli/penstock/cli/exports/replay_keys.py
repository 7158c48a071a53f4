"""Walks a replay by keys on a terminal."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from penstock.cli.exports.replay_recording import Recording
from penstock.cli.exports.replay_views import NODE_HEADERS, heading, io_lines, node_rows, step_lines
from penstock.cli.table import cell_count, render

_CLEAR = "\x1b[2J\x1b[H"
_HELP = "n next, p previous, a number and Enter to go there, q quit"
_FORWARD, _BACK = ("n", " ", "\x1b[C", "\x1b[B"), ("p", "\x1b[D", "\x1b[A")
_QUIT = ("q", "\x03", "\x04", "")


def walk(recording: Recording, *, show_io: bool) -> None:
    """Returns when the user quits."""
    position, typed = 1, ""
    with _keys() as keys:
        _draw(recording, position, typed, show_io)
        for key in keys:
            if key in _QUIT:
                break
            if key.isascii() and key.isdigit():
                typed += key
            elif key in ("\r", "\n"):
                position = _within(recording, int(typed)) if typed else _within(recording, position + 1)
                typed = ""
            elif key in ("\x7f", "\b"):
                typed = typed[:-1]
            elif key in _FORWARD or key in _BACK:
                position, typed = _within(recording, position + (1 if key in _FORWARD else -1)), ""
            _draw(recording, position, typed, show_io)


def _within(recording: Recording, position: int) -> int:
    return max(1, min(position, recording.last))


def _draw(recording: Recording, position: int, typed: str, show_io: bool) -> None:
    width, height = shutil.get_terminal_size()
    standing = recording.at(position)
    below = [f"after event {position} of {recording.last}: {standing.status}"]
    below += render(NODE_HEADERS, node_rows(standing), width, "DETAIL").split("\n")
    lines = [heading(recording), "", *step_lines(recording, position)]
    if show_io:
        lines += io_lines(recording, position)
    lines += ["", *below]
    # The last line is for the help; what is too much for the terminal is cut at the end.
    shown = [_cut(line, width) for line in lines[: height - 2]]
    if len(lines) > height - 2:
        shown[-1] = f"… {len(lines) - len(shown) + 1} more lines: --at {position} prints all"
    sys.stdout.write(_CLEAR + "\n".join([*shown, "", f"{_HELP} {typed}".rstrip()]))
    sys.stdout.flush()


def _cut(line: str, width: int) -> str:
    while cell_count(line) > width:
        line = line[:-1]
    return line


@contextmanager
def _keys() -> Iterator[Iterator[str]]:
    """Keys as they are pressed; where the terminal gives lines alone, the characters of lines."""
    try:
        import termios
        import tty
    except ImportError:  # Windows
        yield iter(lambda: sys.stdin.read(1), "")
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal)
        # An arrow comes as several bytes at once.
        yield _pressed(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        sys.stdout.write("\n")


def _pressed(terminal: int) -> Iterator[str]:
    while True:
        text = os.read(terminal, 64).decode(errors="replace")
        if text.startswith("\x1b") or not text:
            yield text
        else:
            yield from text
