"""Where the CPU goes at full load: engine, faces, Postgres, load generator."""

from __future__ import annotations

from statistics import median

from bench.bed import Bed, Load, Server
from bench.http_calls import NODE_COUNTS
from bench.processes import cpu_seconds
from bench.report import Section, middle, rounded

_CALLERS = 64
_WORKS = ("w3", "w20")
_TEXT = (
    f"Microseconds of CPU for each node, {_CALLERS} callers, and how many cores all of it kept busy. Postgres is all of"
    " its processes. The part of the engine is what the process takes when its callers call it as a function, without"
    " a face (see In process; their own small part is in it); the part of a face is what the server takes beyond that,"
    " so batches of another size are counted there too."
)

Costs = dict[str, float]
"""server, postgres, load: microseconds a node; cores."""


def ask(bed: Bed) -> Section:
    found: dict[tuple[str, str], list[Costs]] = {}
    with bed.server(bed.database("cpu")) as server, bed.engine(bed.database("cpu_in_process")) as engine:
        for _ in range(bed.repetitions):
            for work in _WORKS:
                for through, costs in _one_round(bed, server, engine, work).items():
                    found.setdefault((work, through), []).append(costs)
    header = ("work", "through", "engine", "face", "server", "Postgres", "load generator", "cores")
    return Section("CPU", _TEXT, header, [_row(work, through, found) for work, through in found])


def _one_round(bed: Bed, server: Server, engine: Load, work: str) -> dict[str, Costs]:
    job = {"flow": work, "callers": _CALLERS, "seconds": bed.seconds, "key": server.key}
    return {
        "in process": _costs(bed, engine, engine.pid, job),
        "HTTP": _costs(bed, bed.load, server.pid, {**job, "face": "http", "url": server.http_url}),
        "gRPC": _costs(bed, bed.load, server.pid, {**job, "face": "grpc", "url": server.grpc_address}),
    }


def _costs(bed: Bed, load: Load, server: int, job: dict[str, object]) -> Costs:
    def spent() -> dict[str, float]:
        return {
            "server": cpu_seconds(server),
            "postgres": cpu_seconds(bed.postgres_pid, children=True),
            "load": 0.0 if load.pid == server else cpu_seconds(load.pid),
        }

    before = spent()
    result = load.run(job)
    taken = {name: seconds - before[name] for name, seconds in spent().items()}
    nodes = result["calls"] * NODE_COUNTS[str(job["flow"])]
    costs = {name: seconds / nodes * 1e6 for name, seconds in taken.items()}
    return {**costs, "cores": sum(taken.values()) / (result["count"] / result["per_second"])}


def _row(work: str, through: str, found: dict[tuple[str, str], list[Costs]]) -> tuple[str, ...]:
    results, alone = found[work, through], found[work, "in process"]
    engine = rounded(median(result["server"] for result in alone))
    server, postgres, load, cores = middle(results, "server", "postgres", "load", "cores")
    if results is alone:
        return (work, through, engine, "", server, postgres, "", cores)
    face = median(result["server"] - part["server"] for result, part in zip(results, alone, strict=True))
    return (work, through, engine, rounded(face), server, postgres, load, cores)
