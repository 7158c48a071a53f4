"""What it costs executions that a limit counts them, and how fast a queue behind one moves."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.bed import Bed, Server
from bench.pacing import Figures
from bench.report import Section, middle, middle_ratio

_WORK = "w1"
_CALLERS = 64
_TURNS = 4
"""Of each row in a repetition: a machine gets slower and faster within seconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured: a limit of the flow, "" for none, and how many callers there are."""

    when_full: str = ""
    running_max: int = 0
    callers: int = _CALLERS

    @property
    def base(self) -> Row:
        """No limit, and no more callers than may run."""
        return Row(callers=min(self.callers, self.running_max or self.callers))


ROWS = (
    Row(),
    Row(callers=16),
    Row(callers=4),
    Row("QUEUE", 1_000),
    Row("REJECT", 1_000),
    Row("QUEUE", 16),
    Row("QUEUE", 4),
)
_SPELLED = {"": "none", "QUEUE": "{:,} at once, one more waits", "REJECT": "{:,} at once, one more is refused"}


def ask(bed: Bed) -> Section:
    found: dict[Row, list[Figures]] = {row: [] for row in ROWS}
    with bed.server(bed.database("limits"), name="limits") as server:
        for turn in range(bed.repetitions * _TURNS):
            # There and back, so that no row is always the first.
            for row in ROWS if turn % 2 else reversed(ROWS):
                _limit(server, row)
                job = {"face": "http", "flow": _WORK, "url": server.http_url, "key": server.key}
                found[row].append(bed.load.run({**job, "callers": row.callers, "seconds": bed.seconds / _TURNS}))
    rows = [
        (
            _SPELLED[row.when_full].format(row.running_max),
            str(row.callers),
            *middle(results, "per_second", "p50_ms", "p99_ms"),
            middle_ratio(results, found[row.base]) if row.when_full else "",
        )
        for row, results in found.items()
    ]
    return Section(
        "Limits of executions at once",
        "W1 over HTTP, whose flow has a limit of executions that run at once; one process. Ratios are to no limit and"
        f" as many callers as may run. Medians of {bed.repetitions * _TURNS} turns, of ratios too.",
        ("limit", "callers", "/s", "p50 ms", "p99 ms", "to no limit"),
        rows,
    )


def _limit(server: Server, row: Row) -> None:
    limit = {"running_max": row.running_max, "when_full": row.when_full} if row.when_full else None
    url = urlsplit(server.http_url)
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection(str(url.hostname), url.port)) as connection:
        verb = "PUT" if limit else "DELETE"
        connection.request(verb, f"/limits/v1/executions/{_WORK}", json.dumps(limit) if limit else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status in (200, 404), text
