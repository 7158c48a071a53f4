"""Runs an engine and its gateway in one process until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable

# The server never forks itself; without this gRPC prints a line for each program that it starts. Read at import.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

from penstock.cli.console import say
from penstock.cli.errors import CliError
from penstock.engine.app.data_dir import DataDirInUse
from penstock.engine.app.engine import EngineProcess
from penstock.engine.app.settings import Settings
from penstock.engine.domain.errors import PenstockError
from penstock.gateway.app import Gateway
from penstock.gateway.settings import Settings as GatewaySettings

_SAME_SIGNAL_S = 0.5
"""Two signals this close are one: some tools signal both the process and its group."""


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


def run_server(args: Namespace, gateway_settings: MakeSettings, body: Body) -> int:
    """Starts everything, runs `body`, drains and stops. Gives the exit code. Raises CliError."""
    configure_logging()
    main = _main(args, gateway_settings, body)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(main)
            _leave()
    except (PenstockError, DataDirInUse, OSError) as error:
        raise CliError(str(error)) from error
    return 0


def _leave() -> None:
    """Ends the process without waiting for what nodes have left in it.

    Everything is stopped and durable. asyncio and Python would wait for ever for tasks that ignore a cancel and
    for threads that do not come back: those of asyncio.to_thread and those that a node started by itself.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(0)


async def _main(args: Namespace, gateway_settings: MakeSettings, body: Body) -> None:
    stop = asyncio.Event()
    _listen_for_signals(stop)
    grpc_host, grpc_port = split_address(args.grpc)
    engine = EngineProcess(Settings(args.data_dir, args.database_url, grpc_host, grpc_port))
    await engine.start()
    try:
        async with _gateway(args, engine, await gateway_settings(engine)) as gateway:
            try:
                await body(Server(engine, gateway), stop)
            finally:
                await engine.drain()
    finally:
        await engine.stop()


@contextlib.asynccontextmanager
async def _gateway(args: Namespace, engine: EngineProcess, settings: GatewaySettings) -> AsyncIterator[Gateway]:
    host, port = split_address(args.http)
    gateway = Gateway(engine.face, host, port, settings)
    try:
        await gateway.start()
    except OSError as error:
        raise CliError(f"cannot listen on {args.http} for HTTP: {error.strerror or error}") from error
    try:
        yield gateway
    finally:
        await gateway.stop()


def _listen_for_signals(stop: asyncio.Event) -> None:
    """The first SIGTERM or Ctrl-C drains, the second stops at once."""
    loop = asyncio.get_running_loop()

    first = 0.0

    def stop_or_kill() -> None:
        nonlocal first
        if stop.is_set():
            if loop.time() - first < _SAME_SIGNAL_S:
                return
            say("penstock: stopped at once; what ran goes on after the next start", sys.stderr)
            signal.raise_signal(signal.SIGKILL)
        first = loop.time()
        stop.set()
        say("penstock: stopping, what runs may finish (10 s; once more stops at once)", sys.stderr)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop_or_kill)


def split_address(address: str) -> tuple[str, int]:
    """HOST:PORT, already checked by the command line."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def configure_logging() -> None:
    """Once, before the first gRPC object: reconfiguring later can block grpc.aio."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s%(fields)s", stream=sys.stderr
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(_add_fields)


_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "fields", "taskName"}


def _add_fields(record: logging.LogRecord) -> bool:
    extra = {key: value for key, value in record.__dict__.items() if key not in _PLAIN}
    record.fields = "".join(f" {key}={value}" for key, value in extra.items())
    return True


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's where it is installed."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
