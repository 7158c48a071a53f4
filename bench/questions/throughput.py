"""How many executions a second, and how long one takes, beside the limits and, if asked, other engines."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from bench import commits
from bench.bed import Bed
from bench.pacing import Figures
from bench.report import Section, middle, middle_ratio

CALLERS = (1, 16, 64, 256)
FACES = {"http": "HTTP", "grpc": "gRPC"}
PEER_POINTS = (("w3", 1), ("w3", 64), ("w1", 64), ("w20", 64), ("s100", 16))
"""(work, callers)"""
PEER_REPETITIONS_MAX = 3
"""Some take a minute for all of their points."""

_TEXT = (
    "Executions a second, and the time from a request to its checked answer."
    " Ratios are medians of the ratios within a repetition."
)


@dataclass(frozen=True, slots=True)
class Point:
    """What one row measures. `through` is a face of Penstock or the name of another engine."""

    work: str
    through: str
    callers: int


Found = dict[Point, list[Figures]]
Jobs = dict[Point, dict[str, Any]]


def ask(bed: Bed) -> Section:
    with ExitStack() as stack:
        database_url = bed.database("throughput")
        jobs = _own(stack, bed, database_url)
        if bed.with_peers:
            jobs |= _peers(stack, bed)
        found: Found = {point: [] for point in jobs}
        one_row_commits: list[Figures] = []
        for repetition in range(bed.repetitions):
            for point, job in jobs.items():
                if "target" in job and repetition >= PEER_REPETITIONS_MAX:
                    continue
                figures = bed.load.run({**job, "callers": point.callers, "seconds": bed.seconds})
                found[point].append(figures)
                _tell(f"{repetition + 1}/{bed.repetitions}", point, figures)
            one_row_commits.append(commits.measure(database_url, bed.seconds))
    return section(found, one_row_commits)


def _own(stack: ExitStack, bed: Bed, database_url: str) -> Jobs:
    server = stack.enter_context(bed.server(database_url))
    urls = {"http": server.http_url, "grpc": server.grpc_address}
    echoes = {face: stack.enter_context(bed.echo(face)) for face in FACES}
    jobs: Jobs = {}
    for work in ("echo", "w1", "w3", "w20", "s100"):
        for face, name in FACES.items():
            url = echoes[face] if work == "echo" else urls[face]
            for callers in CALLERS:
                jobs[Point(work, name, callers)] = {"face": face, "flow": work, "url": url, "key": server.key}
    return jobs


def _peers(stack: ExitStack, bed: Bed) -> Jobs:
    from bench.peers import start_all

    started = stack.enter_context(start_all(bed.folder / "peers", bed.database("peers")))
    return {
        Point(work, peer.name, callers): {"target": peer.kind, "flow": work, "url": peer.url}
        for peer in started
        for work, callers in PEER_POINTS
        if work in peer.flows
    }


def section(found: Found, one_row_commits: list[Figures]) -> Section:
    """With a last column when other engines are among the points."""
    peers = sorted({point.through for point in found} - set(FACES.values()))
    header = ("work", "through", "callers", "/s", "p50 ms", "p99 ms", "of the bare echo")
    rows = []
    for point, results in found.items():
        row = (point.work, point.through, str(point.callers), *middle(results, "per_second", "p50_ms", "p99_ms"))
        limit = found.get(Point("echo", point.through, point.callers))
        row += (middle_ratio(results, limit) if limit and point.work in ("w1", "w3", "w20") else "",)
        if peers:
            own = found[Point(point.work, "HTTP", point.callers)][: len(results)]
            row += (middle_ratio(own, results) if point.through in peers else "",)
        rows.append(row)
    last = ("one-row commits", "Postgres", "1", *middle(one_row_commits, "per_second", "p50_ms", "p99_ms"), "")
    if peers:
        text = f"{_TEXT} Other engines have at most {PEER_REPETITIONS_MAX} repetitions."
        return Section("Throughput", text, (*header, "Penstock over HTTP to it"), [*rows, (*last, "")])
    return Section("Throughput", _TEXT, header, [*rows, last])


def _tell(progress: str, point: Point, figures: Figures) -> None:
    rate = f"{figures['per_second']:8.0f}/s  p50 {figures['p50_ms']:.2f} ms"
    print(f"{progress}  {point.work:4} {point.through:8} {point.callers:3} callers  {rate}", file=sys.stderr)
