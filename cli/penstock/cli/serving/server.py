"""Runs an engine and its gateway in one process until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

from penstock.cli.errors import CliError
from penstock.cli.serving.addresses import split_address
from penstock.cli.serving.audit_settings import audited
from penstock.cli.serving.connection_settings import connections_max
from penstock.cli.serving.leaving import leave
from penstock.cli.serving.logs import configure_logging
from penstock.cli.serving.loops import loop_factory
from penstock.cli.serving.publishing_settings import allows_publishing
from penstock.cli.serving.retention_settings import archive_dir, retention_settings
from penstock.cli.serving.signals import listen_for_signals
from penstock.cli.serving.tls_settings import tls_of
from penstock.cli.serving.traces import are_wanted
from penstock.cli.serving.webhook_settings import webhook_settings
from penstock.engine.app.data_dir import DataDirInUse
from penstock.engine.app.engine import EngineProcess
from penstock.engine.app.settings import Settings
from penstock.engine.domain.errors import PenstockError
from penstock.gateway.app import Gateway
from penstock.gateway.settings import Settings as GatewaySettings
from penstock.wire.tls import Tls


@dataclass(frozen=True, slots=True)
class Role:
    """How a process stands to others. `instance` None: alone in its data directory, alone on its ports.

    `listen` makes signals set the event that stops it.
    """

    instance: str | None
    listen: Callable[[asyncio.Event], None]


ALONE = Role(None, listen_for_signals)


class Server:
    """An engine and its HTTP face."""

    def __init__(self, engine: EngineProcess, gateway: Gateway) -> None:
        self.engine = engine
        self.gateway = gateway
        self.http_url = gateway.url
        self.grpc_address = engine.grpc_address


MakeSettings = Callable[[EngineProcess], Awaitable[GatewaySettings]]
Body = Callable[[Server, asyncio.Event], Awaitable[None]]
"""What a command does while the server runs; it returns when the event is set."""


def run_server(args: Namespace, gateway_settings: MakeSettings, body: Body, role: Role = ALONE) -> int:
    """Starts everything, runs `body`, drains and stops. Gives the exit code. Raises CliError."""
    configure_logging()
    main = _main(args, gateway_settings, body, role)
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(main)
            leave(0)
    except (PenstockError, DataDirInUse, OSError) as error:
        raise CliError(str(error)) from error
    return 0


async def _main(args: Namespace, gateway_settings: MakeSettings, body: Body, role: Role) -> None:
    stop = asyncio.Event()
    role.listen(stop)
    grpc_host, grpc_port = split_address(args.grpc)
    tls = tls_of(args, args.http, args.grpc)
    most = connections_max()
    settings = Settings(
        args.data_dir,
        args.database_url,
        grpc_host,
        grpc_port,
        webhooks=webhook_settings(args),
        retention=retention_settings(),
        archive_dir=archive_dir(),
        tls=tls,
        connections_max=most,
        audited=audited(),
        instance=role.instance,
        is_embedded=getattr(args, "embedded", False),
        allows_publishing=allows_publishing(),
        sends_traces=are_wanted(os.environ),
    )
    engine = EngineProcess(settings)
    await engine.start()
    try:
        of_gateway = replace(await gateway_settings(engine), connections_max=most)
        async with _gateway(args, engine, of_gateway, role, tls) as gateway:
            try:
                await body(Server(engine, gateway), stop)
            finally:
                await engine.drain()
    finally:
        await engine.stop()


@contextlib.asynccontextmanager
async def _gateway(
    args: Namespace, engine: EngineProcess, settings: GatewaySettings, role: Role, tls: Tls | None
) -> AsyncIterator[Gateway]:
    host, port = split_address(args.http)
    gateway = Gateway(engine.face, host, port, settings, tls=tls, shares_port=role.instance is not None)
    try:
        await gateway.start()
    except OSError as error:
        raise CliError(f"cannot listen on {args.http} for HTTP: {error.strerror or error}") from error
    try:
        yield gateway
    finally:
        await gateway.stop()
