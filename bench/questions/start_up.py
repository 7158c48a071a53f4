"""How long a server takes from its process's start to its first right answer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from statistics import median
from time import perf_counter

from bench.bed import Bed
from bench.crowd import Caller
from bench.own_server import OwnServer, own_server
from bench.report import Section, rounded

REPETITIONS_MAX = 3
_WARM_COUNT = 50


def ask(bed: Bed) -> Section:
    repetitions = min(bed.repetitions, REPETITIONS_MAX)
    found: dict[str, list[float]] = {}
    for _ in range(repetitions):
        with own_server(bed.folder / "start_up") as server:
            found.setdefault("on an empty data directory", []).append(_started(server))
            for name, end in _ENDS.items():
                end(server)
                found.setdefault(name, []).append(_started(server))
        shutil.rmtree(server.folder)
    return Section(
        "Start",
        "Seconds from the start of the process to its first right answer (W1 over HTTP), with a Postgres of its own."
        f" Packages are compiled in that time. Medians of {repetitions}.",
        ("start", "s"),
        [(name, rounded(median(times))) for name, times in found.items()],
    )


_ENDS: dict[str, Callable[[OwnServer], None]] = {
    "on an existing one": OwnServer.stop,
    "after kill -9 of the server": OwnServer.kill,
    "after kill -9 of the server and its Postgres": OwnServer.kill_everything,
}


def _started(server: OwnServer) -> float:
    begin = perf_counter()
    server.start()
    caller = Caller(server.http_url, server.key)
    answer = caller.invoke("w1")
    taken = perf_counter() - begin
    assert answer["result"]["output"] == {"n": 1, "s": "x"}, answer
    for _ in range(_WARM_COUNT):
        caller.invoke("w1")
    caller.close()
    return taken
