"""Reads paged lists of the API."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.cli.client import Client, JsonObject

_PAGE_SIZE_MAX = 1_000


async def pages(client: Client, path: str, member: str, query: Mapping[str, str | int], limit: int) -> list[JsonObject]:
    """Items of a paged list, page after page, `limit` at most."""
    items: list[JsonObject] = []
    token = ""
    while True:
        page_size = min(limit - len(items), _PAGE_SIZE_MAX)
        page = await client.call("GET", path, query={**query, "page_size": page_size, "page_token": token})
        items += page[member]
        token = page.get("next_page_token", "")
        if not token or len(items) >= limit:
            return items[:limit]
