"""Child processes of the bench: their lines, their CPU seconds, their memory."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_STOP_S = 30.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@contextmanager
def process(
    *command: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT, stderr: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """The command, with pipes at its standard input and output; it is gone at the end.

    `env` is added to the environment of the bench. `stderr` is as that of Popen, None leaves it the bench's own.
    """
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )
    with child:
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()


def line(process: subprocess.Popen[str]) -> str:
    """The next line that it prints; waits for it. Raises AssertionError when it prints no more."""
    assert process.stdout is not None
    text = process.stdout.readline()
    assert text, f"a process of the bench ended early: {process.args!r}"
    return text


def cpu_seconds(pid: int, *, children: bool = False) -> float:
    """User and system time of all its threads; with `children` also of its descendants, ended ones included."""
    if not children:
        return _own_seconds(pid, ended_children=False)
    seconds = 0.0
    for member in (pid, *descendants(pid)):
        try:
            seconds += _own_seconds(member, ended_children=True)
        except (FileNotFoundError, ProcessLookupError):
            continue  # It ended meanwhile.
    return seconds


def pss_bytes(pid: int) -> int:
    """Its memory, where a page that n processes share counts as an nth."""
    for text in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if text.startswith("Pss:"):
            return int(text.split()[1]) * 1024
    raise AssertionError(f"the kernel tells no Pss of process {pid}")


def parent(pid: int) -> int:
    return int(_stat(pid)[1])


def descendants(pid: int) -> list[int]:
    """The processes below it that live."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents.setdefault(parent(int(entry.name)), []).append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    found, queue = [], [pid]
    while queue:
        below = parents.get(queue.pop(), [])
        found += below
        queue += below
    return found


def _own_seconds(pid: int, *, ended_children: bool) -> float:
    # utime, stime, and those of the children that ended and were waited for: fields 14 to 17 of proc(5).
    fields = _stat(pid)[11:15]
    return sum(int(ticks) for ticks in (fields if ended_children else fields[:2])) / _TICKS_PER_S


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on; the second, the name, may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
