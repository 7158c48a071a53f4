"""`penstock serve` in one process: alone, or as one of those that a supervisor started."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from dataclasses import replace

from penstock.cli.serving.child import METRICS_FOLDER, Tie, listen_to_supervisor
from penstock.cli.serving.logs import announce
from penstock.cli.serving.proxy_settings import trusted_proxies
from penstock.cli.serving.server import Role, Server, run_server
from penstock.engine.app.engine import EngineProcess
from penstock.gateway.settings import Settings as GatewaySettings


def serve_one(args: Namespace) -> int:
    if args.child is None:
        return run_server(args, _settings, _serve)
    return _serve_with_others(args, Tie(args.child))


async def _settings(engine: EngineProcess) -> GatewaySettings:
    return GatewaySettings(docs_grpc_address=engine.grpc_address, trusted_proxies=trusted_proxies())


async def _serve(server: Server, stop: asyncio.Event) -> None:
    announce(f"HTTP on {server.http_url}, gRPC on {server.grpc_address}", "serving")
    await stop.wait()


def _serve_with_others(args: Namespace, tie: Tie) -> int:
    async def settings(engine: EngineProcess) -> GatewaySettings:
        alone = await _settings(engine)
        return replace(alone, process=tie.slot, neighbours=args.data_dir / METRICS_FOLDER)

    async def serve(_: Server, stop: asyncio.Event) -> None:
        tie.say_ready()
        await stop.wait()

    return run_server(args, settings, serve, Role(tie.instance, listen_to_supervisor))
