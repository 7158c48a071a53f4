"""The limit below everything: one-row commits a second on the same Postgres, one after the other."""

from __future__ import annotations

from time import perf_counter

import psycopg


def measure(url: str, seconds: float) -> dict[str, float]:
    """Commits a second and latency in ms of one connection."""
    latencies: list[float] = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table if not exists bench_commits (n bigint primary key, s text)")
        connection.execute("truncate bench_commits")
        end = perf_counter() + seconds
        while (start := perf_counter()) < end:
            connection.execute("insert into bench_commits values (%s, %s)", (len(latencies), "x"), prepare=True)
            latencies.append(perf_counter() - start)
        connection.execute("drop table bench_commits")
    latencies.sort()
    return {
        "per_second": len(latencies) / sum(latencies),
        "p50_ms": latencies[len(latencies) // 2] * 1e3,
        "p99_ms": latencies[int(len(latencies) * 0.99)] * 1e3,
    }
