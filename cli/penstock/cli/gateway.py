"""`penstock gateway`: the HTTP face alone, of an engine in another process."""

from __future__ import annotations

import asyncio
import os
import sys
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# An engine that goes away is told in a line of our own; gRPC's own lines come on top of it. Read at import.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

from penstock.cli.addresses import split_address
from penstock.cli.console import say
from penstock.cli.errors import CliError
from penstock.cli.logs import configure_logging
from penstock.cli.loops import loop_factory
from penstock.cli.signals import listen_for_signals
from penstock.gateway.app import Gateway
from penstock.gateway.remote.engine import RemoteEngine
from penstock.gateway.settings import Settings

_PATIENCE_S = 1.0
"""An engine that is there answers sooner; later the user is told what is waited for."""


def run(args: Namespace) -> int:
    configure_logging()
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_main(args))
    return 0


async def _main(args: Namespace) -> None:
    stop = asyncio.Event()
    listen_for_signals(stop)
    async with _engine(args.engine) as engine:
        await _wait_for(engine, args.engine, stop)
        if stop.is_set():
            return
        async with _gateway(args, engine) as gateway:
            say(f"penstock: HTTP on {gateway.url}, engine {args.engine}", sys.stderr)
            await stop.wait()


@asynccontextmanager
async def _engine(address: str) -> AsyncIterator[RemoteEngine]:
    engine = RemoteEngine(address)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


@asynccontextmanager
async def _gateway(args: Namespace, engine: RemoteEngine) -> AsyncIterator[Gateway]:
    host, port = split_address(args.http)
    gateway = Gateway(engine, host, port, Settings(docs_grpc_address=args.engine))
    try:
        await gateway.start()
    except OSError as error:
        raise CliError(f"cannot listen on {args.http} for HTTP: {error.strerror or error}") from error
    try:
        yield gateway
    finally:
        await gateway.stop()


async def _wait_for(engine: RemoteEngine, address: str, stop: asyncio.Event) -> None:
    """Returns when the engine answers, or when it is time to stop."""
    tasks = [asyncio.create_task(engine.wait_until_connected()), asyncio.create_task(stop.wait())]
    try:
        done, _ = await asyncio.wait(tasks, timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            say(f"penstock: waiting for an engine at {address}", sys.stderr)
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
