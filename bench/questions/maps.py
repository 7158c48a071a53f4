"""How many items of a map the engine makes a second, each a checkpoint of its own."""

from __future__ import annotations

import time
from contextlib import closing
from statistics import median

from bench.bed import Bed
from bench.crowd import INVOKE, Caller
from bench.report import Section, rounded

COUNTS = (100, 1_000, 10_000)


def ask(bed: Bed) -> Section:
    seconds: dict[int, list[float]] = {count: [] for count in COUNTS}
    with (
        bed.server(bed.database("maps"), name="maps") as server,
        closing(Caller(server.http_url, server.key)) as caller,
    ):
        for _ in range(bed.repetitions):
            for count in COUNTS:
                start = time.monotonic()
                body = {"flow": "mapped", "input": {"n": count, "s": "x"}, "wait": True}
                answer = caller.request("POST", INVOKE, body)
                seconds[count].append(time.monotonic() - start)
                assert answer["result"]["output"]["n"] == count, answer
    return Section(
        "Maps",
        "One caller and one execution at a time: a node that makes the items, a map over them with eight at once whose"
        " function is trivial, and a node that counts the results.",
        ("items", "ms", "items/s"),
        [_row(count, median(found)) for count, found in seconds.items()],
    )


def _row(count: int, taken_s: float) -> tuple[str, ...]:
    return f"{count:,}", rounded(taken_s * 1e3), rounded(count / taken_s)
