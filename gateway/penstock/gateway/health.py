"""Tells whatever watches the process whether it lives and whether it can take work."""

from __future__ import annotations

from aiohttp import web

from penstock.gateway.calls import Handler, answering
from penstock.gateway.responses import json_response
from penstock.wire.service import OK, Engine
from penstock.wire.status import Code, RpcError


async def alive(http: web.Request) -> web.StreamResponse:
    """200 for as long as the process answers at all."""
    return json_response({"status": "ok"})


def readiness(engine: Engine) -> Handler:
    """A handler that answers 200 when the engine can accept and drive executions, else 503."""

    async def ready(http: web.Request) -> web.StreamResponse:
        told = await engine.readiness()
        if not told.is_ready:
            problems = ", ".join(check for check in told.checks.values() if check != OK)
            raise RpcError(Code.UNAVAILABLE, "NOT_READY", f"not ready: {problems}", metadata=told.checks)
        return json_response({"status": OK, "checks": dict(told.checks)})

    return answering(ready)
