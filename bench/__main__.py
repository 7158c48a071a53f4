"""Measures the hot path beside its limits, in one run on one machine.

Every repetition measures every question once, so that a machine that gets slower or faster in between
changes all of them alike; the table shows medians, and ratios of figures of the same repetition.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench import commits
from penstock.engine.storage.embedded import EmbeddedPostgres

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = [
    ("http", "echo", 64),
    ("grpc", "echo", 64),
    ("http", "echo", 1),
    ("grpc", "echo", 1),
    *((face, flow, callers) for flow in ("w1", "w3", "w20") for face in ("http", "grpc") for callers in (1, 64)),
    *((face, "s100", callers) for face in ("http", "grpc") for callers in (1, 16, 64)),
]
"""(face, work, callers); "echo" is the limit of a face."""

Figures = dict[str, list[dict[str, float]]]


@contextmanager
def _process(*command: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "a process of the bench ended early"
    return line


def _server(stack: ExitStack, folder: Path, database_url: str) -> dict[str, Any]:
    process = stack.enter_context(
        _process(
            "-m",
            "penstock.cli",
            "dev",
            str(ROOT / "bench" / "packages"),
            "--http",
            "127.0.0.1:0",
            "--grpc",
            "127.0.0.1:0",
            "--data-dir",
            str(folder / "server"),
            "--database-url",
            database_url,
        )
    )
    while not _line(process).strip().startswith("Ctrl-C"):
        pass
    info: dict[str, Any] = json.loads((folder / "server" / "dev.json").read_text())
    return info


def _targets(stack: ExitStack, folder: Path, database_url: str) -> dict[tuple[str, bool], tuple[str, str]]:
    """(face, whether it is the limit) -> (address, key)."""
    info = _server(stack, folder, database_url)
    http_port, grpc_port = (
        _line(stack.enter_context(_process("-m", "bench.echo", face))).strip() for face in ("http", "grpc")
    )
    return {
        ("http", False): (info["http_url"], info["api_key"]),
        ("grpc", False): (info["grpc_address"], info["api_key"]),
        ("http", True): (f"http://127.0.0.1:{http_port}", ""),
        ("grpc", True): (f"127.0.0.1:{grpc_port}", ""),
    }


def run(repetitions: int, seconds: float) -> Figures:
    figures: Figures = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="penstock-bench-")))
        folder.chmod(0o755)
        postgres = EmbeddedPostgres(folder)
        database_url = asyncio.run(postgres.start())
        stack.callback(lambda: asyncio.run(postgres.stop()))
        targets = _targets(stack, folder, database_url)
        load = stack.enter_context(_process("-m", "bench.load"))
        for repetition in range(repetitions):
            for face, work, callers in QUESTIONS:
                url, key = targets[face, work == "echo"]
                job = {"face": face, "flow": work, "callers": callers, "seconds": seconds, "url": url, "key": key}
                assert load.stdin is not None
                print(json.dumps(job), file=load.stdin, flush=True)
                result = json.loads(_line(load))
                figures.setdefault(f"{face} {work} {callers}", []).append(result)
                rate = f"{result['per_second']:8.0f}/s  p50 {result['p50_ms']:.2f} ms"
                print(f"{repetition + 1}/{repetitions}  {face:4} {work:4} {callers:3} callers  {rate}", file=sys.stderr)
            figures.setdefault("commits", []).append(commits.measure(database_url, seconds))
    return figures


def table(figures: Figures) -> str:
    """The figures as Markdown: medians, and medians of the ratios to the limit of the same repetition."""
    lines = [
        "| work | face | callers | /s | p50 ms | p99 ms | of the bare echo |",
        "|---|---|---|---|---|---|---|",
    ]
    for face, work, callers in QUESTIONS:
        rows = figures[f"{face} {work} {callers}"]
        limits = figures.get(f"{face} echo {callers}", [])
        ratios = [row["per_second"] / limit["per_second"] for row, limit in zip(rows, limits, strict=False)]
        ratio = f"{median(ratios):.2f}" if ratios and work in ("w1", "w3", "w20") else ""
        shown = (_rounded(median(row[name] for row in rows)) for name in ("per_second", "p50_ms", "p99_ms"))
        lines.append(f"| {work} | {face} | {callers} | {' | '.join(shown)} | {ratio} |")
    rows = figures["commits"]
    shown = (_rounded(median(row[name] for row in rows)) for name in ("per_second", "p50_ms", "p99_ms"))
    lines.append(f"| one-row commits | Postgres | 1 | {' | '.join(shown)} | |")
    return "\n".join(lines)


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _machine() -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT)
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, commit {commit.stdout.strip()};"
        " server, Postgres and load generator on one machine"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the table to this file")
    args = parser.parse_args()
    text = f"{_machine()}; medians of {args.repetitions}.\n\n{table(run(args.repetitions, args.seconds))}\n"
    print(text)
    if args.write:
        args.write.write_text(text)


if __name__ == "__main__":
    main()
