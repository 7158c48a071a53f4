"""`penstock serve --processes N`: engine processes that share both ports, started again when they end."""

from __future__ import annotations

import asyncio
import logging
from argparse import Namespace
from contextlib import suppress

from penstock.cli.errors import CliError, UsageError
from penstock.cli.serving.child import METRICS_FOLDER, Child, Start
from penstock.cli.serving.logs import announce, configure_logging
from penstock.cli.serving.ports import reserved
from penstock.cli.serving.signals import listen_for_signals
from penstock.cli.serving.tls_settings import tls_environment, tls_of
from penstock.engine.app.data_dir import DataDirInUse
from penstock.engine.app.site import Site
from penstock.engine.domain.errors import PenstockError
from penstock.gateway.metrics.process_socket import forget_sockets

log = logging.getLogger(__name__)

EMBEDDED_PROCESSES_MAX = 8
"""Each process may hold 10 connections; the embedded Postgres takes 100."""

_STEADY_S = 10.0
"""A process that lived for so long is started again at once when it ends."""
_DELAYS_S = (0.0, 0.5, 1.0, 2.0, 5.0)
"""Before the next start, by how often in a row a process ended sooner than that."""
_TRIES_MAX = 3
"""Starts of one process that may fail before the first process ever serves."""


def supervise(args: Namespace) -> int:
    """Serves with `args.processes` processes until it is told to stop. Gives the exit code. Raises CliError."""
    if args.database_url is None and args.processes > EMBEDDED_PROCESSES_MAX:
        raise UsageError(
            f"--processes: expected at most {EMBEDDED_PROCESSES_MAX} with the embedded Postgres,"
            f" got {args.processes}; --database-url names another one"
        )
    tls_of(args, args.http, args.grpc)
    configure_logging()
    try:
        asyncio.run(_main(args))
    except (PenstockError, DataDirInUse, OSError) as error:
        raise CliError(str(error)) from error
    return 0


async def _main(args: Namespace) -> None:
    stop = asyncio.Event()
    listen_for_signals(stop)
    site = Site(args.data_dir, args.database_url)
    await site.open()
    # The lock says that nobody is left who could be asked there.
    forget_sockets(args.data_dir / METRICS_FOLDER)
    try:
        with reserved(args.http, "HTTP") as http, reserved(args.grpc, "gRPC") as grpc:
            start = Start(
                http,
                grpc,
                args.data_dir,
                site.database_url,
                args.database_url is None,
                site.lock,
                tls_environment(args),
            )
            await Supervisor(start, site.instance, args.processes, stop).run()
    finally:
        await site.close()


class Supervisor:
    """Keeps `count` processes running until `stop` is set, then waits until all have drained."""

    def __init__(self, start: Start, instance: str, count: int, stop: asyncio.Event) -> None:
        self._start = start
        self._instance = instance
        self._count = count
        self._stop = stop
        self._children: dict[int, Child] = {}
        self._have_served: set[int] = set()

    async def run(self) -> None:
        """Raises CliError when no process can be brought to serve."""
        keepers = [asyncio.create_task(self._keep(slot)) for slot in range(self._count)]
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([*keepers, stop], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stop.set()
            for child in self._children.values():
                child.terminate()
            await asyncio.wait([*keepers, stop])
        for keeper in keepers:
            keeper.result()

    async def _keep(self, slot: int) -> None:
        """Has one process running. It is known by its slot: the next one takes its executions over at once."""
        loop = asyncio.get_running_loop()
        failures = 0
        while not self._stop.is_set():
            begin = loop.time()
            child, status = await self._run_one(slot)
            if self._stop.is_set():
                return
            failures = 1 if loop.time() - begin > _STEADY_S else failures + 1
            if not self._have_served and failures == _TRIES_MAX:
                raise CliError(f"no process serves: one ended {failures} times at its start, {_said(status)} at last")
            delay_s = _DELAYS_S[min(failures, len(_DELAYS_S)) - 1]
            log.warning(
                "a process ended and is started again",
                extra={
                    "action": "process_ended",
                    "slot": slot,
                    "pid": child.pid,
                    "exit_status": status,
                    "delay_s": delay_s,
                },
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), delay_s)

    async def _run_one(self, slot: int) -> tuple[Child, int]:
        """Starts a process and waits for its end. Gives it and its exit status."""
        child = await Child.start(self._start, f"{self._instance}-{slot}")
        self._children[slot] = child
        if self._stop.is_set():
            child.terminate()
        if await child.is_ready():
            self._note_ready(slot)
        status = await child.wait()
        del self._children[slot]
        return child, status

    def _note_ready(self, slot: int) -> None:
        if slot in self._have_served:
            return
        self._have_served.add(slot)
        if len(self._have_served) == self._count:
            http, grpc = self._start.http, self._start.grpc
            announce(f"HTTP on http://{http}, gRPC on {grpc}, {self._count} processes", "serving")


def _said(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"killed by signal {-status}"
