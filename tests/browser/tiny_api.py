"""A small API with one JSON and one streaming operation, behind the docs page of its own document."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from penstock.openapi.ui import page

KEY = "psk_test_0123456789"

_ERROR = {
    "description": "The request does not fit.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
_DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Tiny", "version": "1", "description": "Prices orders and counts."},
    "tags": [{"name": "OrderService", "description": "Prices orders."}, {"name": "CountService"}],
    "security": [{"bearer": []}],
    "paths": {
        "/orders/{order_id}:price": {
            "post": {
                "operationId": "PriceOrder",
                "tags": ["OrderService"],
                "description": "Prices an order.",
                "x-penstock-grpc": {"service": "tiny.v1.OrderService", "method": "PriceOrder"},
                "parameters": [
                    {"name": "order_id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "currency", "in": "query", "schema": {"type": "string", "enum": ["EUR", "USD"]}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Order"},
                            "examples": {
                                "pen": {"summary": "A pen", "value": {"lines": [{"sku": "pen", "quantity": 2}]}},
                                "empty": {"summary": "Nothing", "value": {"lines": []}},
                            },
                        }
                    },
                },
                "responses": {
                    "200": {
                        "description": "The price.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Price"}}},
                    },
                    "400": _ERROR,
                },
            }
        },
        "/orders/{order_id}": {
            "delete": {
                "operationId": "DropOrder",
                "tags": ["OrderService"],
                "summary": "Drops an order",
                "parameters": [{"name": "order_id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"204": {"description": "It is gone."}},
            }
        },
        "/count": {
            "get": {
                "operationId": "Count",
                "tags": ["CountService"],
                "description": "Counts, one frame a number.",
                "responses": {
                    "200": {
                        "description": "Frames.",
                        "content": {"text/event-stream": {"schema": {"type": "string"}}},
                    }
                },
            }
        },
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "An API key."}},
        "schemas": {
            "Order": {
                "type": "object",
                "required": ["lines"],
                "properties": {
                    "lines": {
                        "type": "array",
                        "description": "What is ordered.",
                        "maxItems": 100,
                        "items": {"$ref": "#/components/schemas/Line"},
                    }
                },
            },
            "Line": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string", "description": "Which article."},
                    "quantity": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 1000},
                    "instead": {"$ref": "#/components/schemas/Line", "description": "What will do as well."},
                },
            },
            "Price": {"type": "object", "properties": {"order_id": {"type": "string"}, "cents": {"type": "integer"}}},
            "Error": {"type": "object", "properties": {"error": {"type": "string", "description": "One sentence."}}},
        },
    },
}

TINY = json.dumps(_DOCUMENT).encode()


class TinyApi:
    """What the server got, and the hand on its stream: each frame is sent when a test says so."""

    def __init__(self, document: bytes) -> None:
        self._document = document
        self.requests: list[dict[str, Any]] = []
        self.pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.stream_left = asyncio.Event()

    async def docs(self, _request: web.Request) -> web.Response:
        made = page("/openapi.json", KEY, "Tiny API", "127.0.0.1:50051")
        return web.Response(body=made.html, headers=made.headers)

    async def document(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._document, content_type="application/json")

    async def price(self, request: web.Request) -> web.Response:
        text = await request.text()
        self.requests.append(
            {
                "path": request.path_qs,
                "authorization": request.headers.get("Authorization"),
                "content_type": request.content_type,
                "body": text,
            }
        )
        try:
            lines = json.loads(text)["lines"]
        except ValueError:
            return web.json_response({"error": "expected JSON"}, status=400)
        cents = 125 * sum(line["quantity"] for line in lines)
        # Past 2^53: a page that reads it as a JavaScript number shows another one.
        answer = {"order_id": request.match_info["order_id"], "cents": cents, "serial": 9007199254740993}
        return web.json_response(answer)

    async def count(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            while (piece := await self.pieces.get()) is not None:
                await response.write(piece)
        except (asyncio.CancelledError, ConnectionError):
            self.stream_left.set()
            raise
        return response


@asynccontextmanager
async def serve(document: bytes) -> AsyncIterator[tuple[TinyApi, str]]:
    """The API and the URL it is served at, on a free port of loopback. The page shows `document`."""
    api = TinyApi(document)
    app = web.Application()
    app.add_routes(
        [
            web.get("/docs", api.docs),
            web.get("/openapi.json", api.document),
            web.post("/orders/{order_id:[^/:]+}:price", api.price),
            web.get("/count", api.count),
        ]
    )
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        yield api, f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
