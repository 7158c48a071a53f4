"""How many executions a second the engine makes without HTTP and gRPC."""

from __future__ import annotations

from statistics import median

from bench.bed import Bed
from bench.http_calls import FRAME_COUNT, NODE_COUNTS
from bench.pacing import Figures
from bench.questions.throughput import CALLERS
from bench.report import Section, middle, rounded


def ask(bed: Bed) -> Section:
    points = [(work, callers) for work in (*NODE_COUNTS, "s100") for callers in CALLERS]
    found: dict[tuple[str, int], list[Figures]] = {point: [] for point in points}
    with bed.engine(bed.database("in_process")) as engine:
        for _ in range(bed.repetitions):
            for work, callers in points:
                found[work, callers].append(engine.run({"flow": work, "callers": callers, "seconds": bed.seconds}))
    return Section(
        "In process",
        "The callers are in the event loop of the engine and call InvocationService as a function, with protobuf"
        " messages; journal and Postgres are as they always are.",
        ("work", "callers", "/s", "nodes or frames/s", "p50 ms", "p99 ms"),
        [_row(work, callers, results) for (work, callers), results in found.items()],
    )


def _row(work: str, callers: int, results: list[Figures]) -> tuple[str, ...]:
    rate, *latencies = middle(results, "per_second", "p50_ms", "p99_ms")
    nodes = rounded(NODE_COUNTS.get(work, FRAME_COUNT) * median(result["per_second"] for result in results))
    return work, str(callers), rate, nodes, *latencies
