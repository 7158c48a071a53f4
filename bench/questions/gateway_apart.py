"""What a gateway in a process of its own gives and takes, beside one in the process of the engine."""

from __future__ import annotations

from dataclasses import dataclass

from bench.bed import Bed
from bench.jobs import Job
from bench.pacing import Figures
from bench.processes import cpu_seconds
from bench.report import Section, middle, middle_ratio

_CALLERS = (1, 64)
_TEXT = (
    "W3 over HTTP, both gateways on the same engine, in turns. A gateway apart has an interpreter of its own and one"
    " hop more to make; on two cores it competes with Postgres and the load generator for them. CPU is of the engine's"
    " process and of the gateway's, in microseconds for each execution. The ratio is of executions a second."
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a gateway is. `gateway` is its process, None when that is the engine's."""

    name: str
    url: str
    engine: int
    gateway: int | None


def ask(bed: Bed) -> Section:
    with bed.server(bed.database("gateway_apart")) as server, bed.gateway(server) as (url, pid):
        places = (
            _Place("in the engine's process", server.http_url, server.pid, None),
            _Place("in its own process", url, server.pid, pid),
        )
        found: dict[tuple[int, _Place], list[Figures]] = {}
        for _ in range(bed.repetitions):
            for callers in _CALLERS:
                for place in places:
                    job = {"face": "http", "flow": "w3", "callers": callers, "seconds": bed.seconds, "key": server.key}
                    found.setdefault((callers, place), []).append(_one(bed, place, job))
    header = ("gateway", "callers", "/s", "p50 ms", "p99 ms", "CPU engine", "CPU gateway", "to the engine's own")
    rows = [_row(place, callers, results, found[callers, places[0]]) for (callers, place), results in found.items()]
    return Section("Gateway apart", _TEXT, header, rows)


def _one(bed: Bed, place: _Place, job: Job) -> Figures:
    def spent() -> tuple[float, float]:
        return cpu_seconds(place.engine), cpu_seconds(place.gateway) if place.gateway else 0.0

    before = spent()
    figures = bed.load.run({**job, "url": place.url})
    engine, gateway = ((after - start) / figures["calls"] * 1e6 for after, start in zip(spent(), before, strict=True))
    return {**figures, "engine_us": engine, "gateway_us": gateway}


def _row(place: _Place, callers: int, results: list[Figures], own: list[Figures]) -> tuple[str, ...]:
    *shown, gateway = middle(results, "per_second", "p50_ms", "p99_ms", "engine_us", "gateway_us")
    apart = (gateway, middle_ratio(results, own)) if place.gateway else ("", "")
    return (place.name, str(callers), *shown, *apart)
