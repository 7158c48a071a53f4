"""Serves the docs page of the fixed API and the OpenAPI document behind it. Neither needs a key."""

from __future__ import annotations

from ipaddress import ip_address

from aiohttp import web

from penstock.gateway.calls import Handler
from penstock.gateway.media import JSON
from penstock.gateway.settings import Settings
from penstock.openapi.fixed import fixed_document
from penstock.openapi.ui import page

DOCUMENT_PATH = "/openapi.json"
PAGE_PATH = "/docs"

_TITLE = "Penstock API"


async def document(http: web.Request) -> web.StreamResponse:
    """The OpenAPI document."""
    return web.Response(body=fixed_document(), content_type=JSON)


def docs_page(settings: Settings) -> Handler:
    """A handler that answers with the docs page, the key filled in only for a reader on this machine."""
    address = settings.docs_grpc_address
    open_page = page(DOCUMENT_PATH, None, _TITLE, address)
    local_page = page(DOCUMENT_PATH, settings.docs_api_key, _TITLE, address)

    async def show(http: web.Request) -> web.StreamResponse:
        shown = local_page if _is_local(http) else open_page
        return web.Response(body=shown.html, headers=shown.headers)

    return show


def _is_local(http: web.Request) -> bool:
    """Whether the reader is on this machine and knows it.

    A page of another site can have its own name resolved to this machine and then read what is here: the name
    in the address bar, which is the Host header, gives it away.
    """
    try:
        return _is_loopback(http.remote) and _is_loopback(http.url.host)
    except ValueError:  # The Host header is no address at all.
        return False


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
