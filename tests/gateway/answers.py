"""What the tests of the gateway expect error answers to look like, and how they read streams."""

from __future__ import annotations

from typing import Any

import aiohttp


def invalid(reason: str, path: str, problem: str) -> tuple[int, dict[str, Any]]:
    """Status and body of a request that is wrong at `path`."""
    body = {
        "error": f"{path}: {problem}" if path else problem,
        "code": "INVALID_ARGUMENT",
        "reason": reason,
        "details": {"violations": [{"field": path, "description": problem}]},
    }
    return 400, body


async def answer(response: aiohttp.ClientResponse) -> tuple[int, Any]:
    """Status and JSON body."""
    return response.status, await response.json()
