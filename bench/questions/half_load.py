"""How long an execution takes when the server is not full."""

from __future__ import annotations

from bench.bed import Bed
from bench.jobs import Job
from bench.report import Section, middle

_CALLERS = 64


def ask(bed: Bed) -> Section:
    full, half = [], []
    with bed.server(bed.database("half_load")) as server:
        job: Job = {"face": "http", "flow": "w3", "url": server.http_url, "key": server.key}
        job |= {"callers": _CALLERS, "seconds": bed.seconds}
        for _ in range(bed.repetitions):
            full.append(bed.load.run(job))
            half.append(bed.load.run({**job, "rate": full[-1]["per_second"] / 2}))
    names = ("per_second", "p50_ms", "p90_ms", "p99_ms")
    return Section(
        "Half load",
        f"W3 over HTTP: as fast as {_CALLERS} callers get their answers, then at half of that rate. At half load"
        " requests start at even distances whatever the ones before them do, and a latency counts from the time its"
        " request was due.",
        ("load", "/s", "p50 ms", "p90 ms", "p99 ms"),
        [(f"{_CALLERS} callers", *middle(full, *names)), ("half of it", *middle(half, *names))],
    )
