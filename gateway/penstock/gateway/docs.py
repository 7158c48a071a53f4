"""Serves the docs pages: of the fixed API, with the OpenAPI document behind it, and of artifacts. None needs a key."""

from __future__ import annotations

from aiohttp import hdrs, web

from penstock.gateway.calls import Handler
from penstock.gateway.local import is_local
from penstock.gateway.media import JSON, wants_protobuf
from penstock.gateway.responses import error_response
from penstock.gateway.settings import Settings
from penstock.openapi.fixed import fixed_document
from penstock.openapi.ui import Page, page
from penstock.openapi.ui.artifact import artifact_assets, artifact_page
from penstock.wire.status import Code, RpcError

DOCUMENT_PATH = "/openapi.json"
PAGE_PATH = "/docs"
ASSETS_PATH = "/docs/assets/"
"""The name of an asset of the artifact's page follows."""
ARTIFACT_PAGE_PATHS = ("/flows/v1/artifacts/{graph_id:[^/:]+}/docs", "/flows/{flow:[^/:]+}/docs")
"""All artifacts have the same page, whose script reads its own address. A flow stands for what `live` points at."""

_TITLE = "Penstock API"


async def document(http: web.Request) -> web.StreamResponse:
    """The OpenAPI document."""
    return web.Response(body=fixed_document(), content_type=JSON)


def docs_page(settings: Settings) -> Handler:
    """A handler that answers with the docs page, the key filled in only for a reader on this machine."""
    address = settings.docs_grpc_address
    return _showing(
        page(DOCUMENT_PATH, None, _TITLE, address), page(DOCUMENT_PATH, settings.docs_api_key, _TITLE, address)
    )


def artifact_docs_page(settings: Settings) -> Handler:
    """As `docs_page`, of any artifact. It tells nothing of one, not even whether there is one."""
    address = settings.docs_grpc_address
    return _showing(
        artifact_page(ASSETS_PATH, None, address), artifact_page(ASSETS_PATH, settings.docs_api_key, address)
    )


async def asset(http: web.Request) -> web.StreamResponse:
    """What the artifact's page loads."""
    found = artifact_assets().get(http.match_info["name"])
    if found is None:
        error = RpcError(Code.NOT_FOUND, "NO_SUCH_PATH", f"no such path: {http.path}")
        return error_response(error, wants_protobuf(http.headers.get(hdrs.ACCEPT)))
    headers = {
        hdrs.CONTENT_TYPE: found.media_type,
        # The name changes with the content.
        hdrs.CACHE_CONTROL: "public, immutable, max-age=31536000",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=found.body, headers=headers)


def _showing(open_page: Page, local_page: Page) -> Handler:
    """`local_page` is for readers on this machine alone."""

    async def show(http: web.Request) -> web.StreamResponse:
        shown = local_page if is_local(http) else open_page
        return web.Response(body=shown.html, headers=shown.headers)

    return show
