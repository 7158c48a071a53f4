"""The limits: servers that do nothing but answer. `python -m bench.echo http|grpc` prints its port."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import grpc
import uvloop
from aiohttp import web
from grpc import aio


async def serve_http() -> int:
    """A bare aiohttp server that sends a body back."""

    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await request.read(), content_type="application/json")

    app = web.Application()
    app.router.add_post("/echo", echo)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return int(runner.addresses[0][1])


class _Echo(grpc.GenericRpcHandler):
    def service(self, handler_call_details: Any) -> Any:
        async def echo(request: bytes, context: Any) -> bytes:
            return request

        return grpc.unary_unary_rpc_method_handler(echo)


async def serve_grpc() -> tuple[int, aio.Server]:
    """A bare grpc.aio server that sends a message back, unread."""
    server = aio.server()
    server.add_generic_rpc_handlers((_Echo(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return port, server


async def main(kind: str) -> None:
    if kind == "http":
        print(await serve_http(), flush=True)
        await asyncio.Event().wait()
    else:
        port, server = await serve_grpc()
        print(port, flush=True)
        await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
