"""Documents of artifacts: who gets them, and how often they travel."""

from __future__ import annotations

import pytest
from aiohttp import ClientSession

from penstock.gateway.documents.cache import Document, Documents
from penstock.openapi.artifact.documents import KINDS
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import GetArtifactRequest
from penstock.wire.service import Caller
from penstock.wire.status import Code, RpcError
from tests.gateway.answers import answer, invalid
from tests.gateway.fake_engine import GRAPH_ID, FakeEngine, hello_artifact

OTHER = "01JTESTARTIFACT00000000001"
PINNED = f"/flows/v1/artifacts/{GRAPH_ID}"
FOR_GOOD, ASK_FIRST = "private, immutable, max-age=31536000", "private, no-cache"


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(answers={"get_artifact": hello_artifact()})


@pytest.mark.parametrize("kind", list(KINDS))
async def test_a_document_is_what_is_made_of_the_artifact(kind: str, client: ClientSession) -> None:
    async with client.get(f"{PINNED}/{kind}") as response:
        assert (response.status, response.headers["Content-Type"]) == (200, KINDS[kind].media_type)
        assert await response.read() == KINDS[kind].make(hello_artifact())


@pytest.mark.parametrize(("name", "caching"), [(GRAPH_ID, FOR_GOOD), ("hello", ASK_FIRST), ("hello@canary", ASK_FIRST)])
async def test_what_an_alias_names_is_asked_for_again_and_an_artifact_never(
    name: str, caching: str, client: ClientSession
) -> None:
    async with client.get(f"/flows/v1/artifacts/{name}/openapi.json") as response:
        assert (response.headers["Cache-Control"], response.headers["Vary"]) == (caching, "Authorization")


async def test_the_etag_is_the_hash_of_the_content_and_spares_it(client: ClientSession) -> None:
    async with client.get(f"{PINNED}/proto") as response:
        body = await response.read()
        etag = response.headers["ETag"]
    assert etag == f'"{Document("text/plain", body).tag}"'
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        async with client.get("/flows/v1/artifacts/hello/proto", headers={"If-None-Match": known}) as response:
            assert (response.status, await response.read(), response.headers["ETag"]) == (304, b"", etag)
            assert response.headers["Cache-Control"] == ASK_FIRST
    async with client.get(f"{PINNED}/proto", headers={"If-None-Match": '"other"'}) as response:
        assert (response.status, await response.read()) == (200, body)


async def test_a_head_request_gets_the_headers_alone(client: ClientSession) -> None:
    async with client.get(f"{PINNED}/llms.txt") as whole, client.head(f"{PINNED}/llms.txt") as response:
        assert (response.status, response.headers["ETag"]) == (200, whole.headers["ETag"])
        assert await response.read() == b""


async def test_a_document_is_made_once_but_the_engine_is_asked_each_time(
    engine: FakeEngine, client: ClientSession
) -> None:
    for name in (GRAPH_ID, "hello"):
        async with client.get(f"/flows/v1/artifacts/{name}/mcp.json") as response:
            assert response.status == 200
    basic, full = GetArtifactRequest.BASIC, GetArtifactRequest.FULL
    assert [(request.graph_id, request.view) for request in engine.requests("get_artifact")] == [
        (GRAPH_ID, basic),
        (GRAPH_ID, full),
        ("hello", basic),
    ]


async def test_each_alias_gives_the_document_of_its_artifact(engine: FakeEngine, client: ClientSession) -> None:
    bodies = []
    for name, graph_id in (("hello", GRAPH_ID), ("hello@next", OTHER)):
        engine.answers["get_artifact"] = hello_artifact(graph_id)
        async with client.get(f"/flows/v1/artifacts/{name}/mcp.json") as response:
            bodies.append((await response.json())["_meta"]["penstock/graph_id"])
    assert bodies == [GRAPH_ID, OTHER]


async def test_what_one_account_read_another_does_not_get(engine: FakeEngine, client: ClientSession) -> None:
    async with client.get(f"{PINNED}/openapi.json") as response:
        assert response.status == 200

    def of_ada(request: GetArtifactRequest, caller: Caller) -> Artifact:
        if caller.account != "ada":
            raise RpcError(Code.NOT_FOUND, "NOT_FOUND", "there is no such artifact")
        return hello_artifact()

    engine.answers["get_artifact"] = of_ada
    bob = {"Authorization": "Bearer psk_bob"}
    async with client.get(f"{PINNED}/openapi.json", headers=bob) as response:
        assert await answer(response) == (
            404,
            {"error": "there is no such artifact", "code": "NOT_FOUND", "reason": "NOT_FOUND", "details": {}},
        )


@pytest.mark.parametrize("kind", list(KINDS))
async def test_a_document_needs_a_key(kind: str, stranger: ClientSession) -> None:
    async with stranger.get(f"{PINNED}/{kind}") as response:
        assert (response.status, (await response.json())["error"]) == (401, "unauthorized")


async def test_a_parameter_is_refused(client: ClientSession) -> None:
    async with client.get(f"{PINNED}/proto?file=x") as response:
        assert await answer(response) == invalid("UNKNOWN_PARAMETER", "file", "unknown parameter; known are: none")


async def test_a_kind_that_is_none_is_no_path(client: ClientSession) -> None:
    async with client.get(f"{PINNED}/swagger.json") as response:
        assert (response.status, (await response.json())["reason"]) == (404, "NO_SUCH_PATH")


async def test_an_allow_header_names_only_what_the_path_itself_takes(client: ClientSession) -> None:
    async with client.options("/invocations/v1/flows/invoke") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")


def test_documents_that_were_not_asked_for_the_longest_make_room() -> None:
    kept = Documents(bytes_max=10)
    first, second, third = (Document("text/plain", body) for body in (b"12345", b"1234", b"123"))
    keys = [("ada", GRAPH_ID, kind) for kind in "abc"]
    kept.keep(keys[0], first)
    kept.keep(keys[1], second)
    assert kept.get(keys[0]) is first
    kept.keep(keys[2], third)
    assert [kept.get(key) for key in keys] == [first, None, third]
    kept.keep(keys[1], Document("text/plain", b"12345678901"))
    assert [kept.get(key) for key in keys] == [first, None, third]
