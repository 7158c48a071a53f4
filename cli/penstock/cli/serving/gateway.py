"""`penstock gateway`: the HTTP face alone, of an engine in another process."""

from __future__ import annotations

import asyncio
import os
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# An engine that goes away is told in a line of our own; gRPC's own lines come on top of it. Read at import.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

from penstock.cli.errors import CliError
from penstock.cli.serving.addresses import split_address
from penstock.cli.serving.connection_settings import connections_max
from penstock.cli.serving.logs import announce, configure_logging
from penstock.cli.serving.loops import loop_factory
from penstock.cli.serving.proxy_settings import trusted_proxies
from penstock.cli.serving.signals import listen_for_signals
from penstock.cli.serving.tls_settings import engine_credentials, tls_of
from penstock.gateway.app import Gateway
from penstock.gateway.remote.engine import RemoteEngine
from penstock.gateway.settings import Settings
from penstock.wire.tls import Tls

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
    tls = tls_of(args, args.http)
    async with _engine(args) as engine:
        await _wait_for(engine, args.engine, stop)
        if stop.is_set():
            return
        async with _gateway(args, engine, tls) as gateway:
            announce(f"HTTP on {gateway.url}, engine {args.engine}", "serving")
            await stop.wait()


@asynccontextmanager
async def _engine(args: Namespace) -> AsyncIterator[RemoteEngine]:
    engine = RemoteEngine(args.engine, engine_credentials(args))
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


@asynccontextmanager
async def _gateway(args: Namespace, engine: RemoteEngine, tls: Tls | None) -> AsyncIterator[Gateway]:
    host, port = split_address(args.http)
    settings = Settings(
        docs_grpc_address=args.engine,
        process="gateway",
        trusted_proxies=trusted_proxies(),
        connections_max=connections_max(),
    )
    gateway = Gateway(engine, host, port, settings, tls=tls)
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
            announce(f"waiting for an engine at {address}", "waiting")
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
