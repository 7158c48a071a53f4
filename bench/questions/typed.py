"""What a call of a flow's typed service costs beside the same through InvocationService."""

from __future__ import annotations

from bench.bed import Bed
from bench.pacing import Figures
from bench.report import Section, middle, middle_ratio

_CALLERS = (1, 64)
_SERVICES = {False: "InvocationService", True: "typed, follows live"}


def ask(bed: Bed) -> Section:
    points = [(work, callers, typed) for work in ("w1", "w3") for callers in _CALLERS for typed in _SERVICES]
    found: dict[tuple[str, int, bool], list[Figures]] = {point: [] for point in points}
    with bed.server(bed.database("typed")) as server:
        for _ in range(bed.repetitions):
            for work, callers, typed in points:
                job = {"face": "grpc", "flow": work, "typed": typed, "url": server.grpc_address, "key": server.key}
                result = bed.load.run({**job, "callers": callers, "seconds": bed.seconds})
                found[work, callers, typed].append(result)
    rows = []
    for (work, callers, typed), results in found.items():
        ratio = middle_ratio(results, found[work, callers, False]) if typed else ""
        rows.append((work, _SERVICES[typed], str(callers), *middle(results, "per_second", "p50_ms", "p99_ms"), ratio))
    return Section(
        "Typed services",
        "The same flows over gRPC through both, in turns. The ratio is of calls a second.",
        ("work", "service", "callers", "/s", "p50 ms", "p99 ms", "to InvocationService"),
        rows,
    )
