"""`penstock serve`: engine and gateway for what was compiled already."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace

from penstock.cli.server import Server, run_server
from penstock.engine.app.engine import EngineProcess
from penstock.gateway.settings import Settings as GatewaySettings


def run(args: Namespace) -> int:
    return run_server(args, _settings, _serve)


async def _settings(engine: EngineProcess) -> GatewaySettings:
    return GatewaySettings(docs_grpc_address=engine.grpc_address)


async def _serve(server: Server, stop: asyncio.Event) -> None:
    print(f"penstock: HTTP on {server.http_url}, gRPC on {server.grpc_address}", file=sys.stderr)
    await stop.wait()
