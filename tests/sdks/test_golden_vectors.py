"""One table of messages in protobuf, JSON and server-sent events, which every face of a flow agrees with.

The table is golden/vectors.json; after a change that is meant:

    PENSTOCK_REWRITE=1 python -m pytest tests/sdks/test_golden_vectors.py
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.types import TypePool
from penstock.wire.vectors import Face, Vector, artifact_vectors
from tests.harness import Server
from tests.sdks.faces import Faces, all_of, serialized, sse_line, struct_of
from tests.sdks.npm import Project, needs_node
from tests.sdks.pips import HERE, Environment

GOLDEN = HERE / "golden" / "vectors.json"
IS_REWRITE = bool(os.environ.get("PENSTOCK_REWRITE"))
UNARY, PIPELINE = "echo", "pour"
COPIES = {UNARY: 1, PIPELINE: 2}
"""How often each flow gives back what it got."""
CALLS = ((UNARY, "invoke"), (PIPELINE, "stream"))

Outputs = dict[str, list[bytes] | str]


class Table:
    """The vectors of the message that both flows take and give."""

    def __init__(self, artifact: Artifact) -> None:
        self.vectors = artifact_vectors(artifact)[artifact.input_type]
        self._message = TypePool(artifact.descriptors).message(artifact.input_type)

    @property
    def protos(self) -> dict[str, bytes]:
        return {vector.name: vector.proto for vector in self.vectors}

    @property
    def texts(self) -> dict[str, bytes]:
        """Those that JSON has a form for."""
        return {vector.name: vector.json for vector in self.vectors if vector.json is not None}

    def carried(self, face: Face | None, copies: int) -> Outputs:
        """What comes back from the flow in protobuf, of the vectors that the face can send."""
        kept = {v.name: v.canonical if face is None else v.carried(face) for v in self.vectors}
        return {name: [proto] * copies for name, proto in kept.items() if proto is not None}

    def canonical(self, outputs: Outputs) -> Outputs:
        """Messages as they are in the table: how libraries order maps is up to them."""
        return {name: found if isinstance(found, str) else self._canonical(found) for name, found in outputs.items()}

    def _canonical(self, protos: list[bytes]) -> list[bytes]:
        return [serialized(self._message.FromString(proto)) for proto in protos]


@pytest.fixture(scope="module")
def table(artifacts: dict[str, Artifact]) -> Table:
    return Table(artifacts[UNARY])


@pytest.fixture(scope="module")
def faces(vectors_server: Server) -> Iterator[Faces]:
    opened = Faces.of(vectors_server)
    yield opened
    opened.close()


def test_table_is_the_golden_one(table: Table) -> None:
    text = written(table.vectors)
    if IS_REWRITE:
        GOLDEN.write_bytes(text)
    assert json.loads(text)["vectors"][0]["json"] == json.loads(table.vectors[0].json or b"")
    assert GOLDEN.read_bytes() == text


@pytest.mark.parametrize("flow", COPIES)
def test_typed_service_takes_and_gives_the_bytes(
    flow: str, table: Table, faces: Faces, artifacts: dict[str, Artifact]
) -> None:
    found = all_of(lambda proto: faces.typed_stream(artifacts[flow], proto), table.protos)
    assert table.canonical(found) == table.carried(None, COPIES[flow])


def test_typed_service_answers_with_the_bytes(table: Table, faces: Faces, artifacts: dict[str, Artifact]) -> None:
    found = all_of(lambda proto: faces.typed_invoke(artifacts[UNARY], proto), table.protos)
    assert table.canonical(found) == table.carried(None, 1)


@pytest.mark.parametrize(("flow", "operation"), CALLS)
def test_fixed_service_takes_and_gives_the_bytes(flow: str, operation: str, table: Table, faces: Faces) -> None:
    call: Callable[..., list[bytes]] = {"invoke": faces.fixed_invoke, "stream": faces.fixed_stream}[operation]
    found = all_of(lambda proto: call(flow, proto), table.protos)
    assert table.canonical(found) == table.carried(None, COPIES[flow])


@pytest.mark.parametrize(("flow", "operation"), CALLS)
def test_fixed_service_takes_and_gives_a_struct(flow: str, operation: str, table: Table, faces: Faces) -> None:
    call: Callable[..., list[bytes]] = {"invoke": faces.struct_invoke, "stream": faces.struct_stream}[operation]
    found = all_of(lambda text: call(flow, text), table.texts)
    assert found == {name: [serialized(struct_of(text))] * COPIES[flow] for name, text in table.texts.items()}


def test_json_over_http_is_the_text_of_the_table(table: Table, faces: Faces) -> None:
    found = all_of(lambda text: faces.http_json(UNARY, text), table.texts)
    assert found == {name: [text] for name, text in table.texts.items()}


def test_json_over_http_is_the_message(table: Table, faces: Faces) -> None:
    found = all_of(lambda text: faces.http_json_to_protobuf(UNARY, text), table.texts)
    assert table.canonical(found) == table.carried(Face.JSON, 1)


def test_protobuf_over_http_takes_and_gives_the_bytes(table: Table, faces: Faces) -> None:
    found = all_of(lambda proto: faces.http_protobuf(UNARY, proto), table.protos)
    assert table.canonical(found) == table.carried(None, 1)


def test_protobuf_over_http_is_answered_with_the_text(table: Table, faces: Faces) -> None:
    protos = {name: proto for name, proto in table.protos.items() if name in table.texts}
    found = all_of(lambda proto: faces.http_protobuf_to_json(UNARY, proto), protos)
    assert found == {name: [text] for name, text in table.texts.items()}


@pytest.mark.parametrize("flow", COPIES)
def test_events_have_the_line_of_the_table(flow: str, table: Table, faces: Faces) -> None:
    lines = {name: [sse_line(text, index=at) for at in range(COPIES[flow])] for name, text in table.texts.items()}
    assert all_of(lambda text: faces.sse(flow, text), table.texts) == lines
    protos = {name: proto for name, proto in table.protos.items() if name in lines}
    assert all_of(lambda proto: faces.sse_of_protobuf(flow, proto), protos) == lines


def test_message_that_json_has_no_form_for_is_refused_with_its_path(table: Table, faces: Faces) -> None:
    refused = [vector for vector in table.vectors if vector.json is None]
    assert refused
    for vector in refused:
        loss = vector.loss(Face.JSON)
        assert loss is not None
        problem = loss.why.partition(": ")[2]
        with pytest.raises(AssertionError, match=f'"error":"output.{problem}","code":"INVALID_ARGUMENT"'):
            faces.http_protobuf_to_json(UNARY, vector.proto)
        with pytest.raises(AssertionError, match=f'"error":"payload.{problem}","code":"INVALID_ARGUMENT"'):
            faces.sse_of_protobuf(UNARY, vector.proto)


@pytest.mark.parametrize(("flow", "operation"), CALLS)
def test_python_client_takes_and_gives_the_messages(
    flow: str, operation: str, table: Table, python_clients: Environment, vectors_server: Server
) -> None:
    protos = table.protos
    cases = [{"flow": flow, "operation": operation, "input": b64encode(proto).decode()} for proto in protos.values()]
    asked = {"address": vectors_server.info["grpc_address"], "api_key": vectors_server.key, "cases": cases}
    answers = dict(zip(protos, python_clients.call(asked), strict=True))
    found: Outputs = {
        name: str(answer["error"]) if "error" in answer else list(map(b64decode, answer["outputs"]))
        for name, answer in answers.items()
    }
    assert table.canonical(found) == table.carried(Face.PYTHON, COPIES[flow])


@needs_node
@pytest.mark.parametrize(("flow", "operation"), CALLS)
def test_typescript_client_takes_and_gives_the_json(
    flow: str, operation: str, table: Table, typescript_clients: Project, vectors_server: Server
) -> None:
    texts = table.texts
    cases = [{"flow": flow, "operation": operation, "input": json.loads(text)} for text in texts.values()]
    given = {"cases": cases, "url": vectors_server.info["http_url"], "apiKey": vectors_server.key}
    results = dict(zip(texts, typescript_clients.node("conformance.mjs", given), strict=True))
    found = {
        name: result.get("error") or result.get("outputs", [result.get("output")]) for name, result in results.items()
    }
    copies = COPIES[flow]
    assert numbers_alike(found) == {name: [in_javascript(json.loads(text))] * copies for name, text in texts.items()}


def in_javascript(value: Any) -> Any:
    """As conformance.mjs prints what JSON.stringify cannot."""
    if isinstance(value, float) and repr(value) == "-0.0":
        return "-0"
    if isinstance(value, dict):
        return {name: in_javascript(member) for name, member in value.items()}
    return [in_javascript(item) for item in value] if isinstance(value, list) else numbers_alike(value)


def numbers_alike(value: Any) -> Any:
    """Every number a float, as in JavaScript; True is then no longer equal to one."""
    if isinstance(value, dict):
        return {name: numbers_alike(member) for name, member in value.items()}
    if isinstance(value, list):
        return [numbers_alike(item) for item in value]
    return ("number", float(value)) if type(value) in (int, float) else value


def written(vectors: tuple[Vector, ...]) -> bytes:
    """The file: the JSON of each vector stands in it as the server prints it, which json.dumps would change."""
    about = [
        "What vectors.Everything is in protobuf (hexadecimal) and in JSON, made by penstock.wire.vectors.",
        "canonical: the bytes as a library writes them, where proto has others.",
        "An event of a stream carries the JSON in the line sse, JSON being where it stands.",
        "losses: what a face cannot carry, why, and the bytes that arrive through it; null when nothing can be sent.",
        "json stands for JSON over HTTP, events, google.protobuf.Struct and the TypeScript client.",
        "A Struct has doubles: a number beyond 2^53 is text in JSON, so it has it as text.",
    ]
    head = {"about": about, "sse": sse_line(b"JSON").decode()}
    rows = b",\n".join(map(_row, vectors))
    return _dumps(head)[:-1] + b',\n"vectors": [\n' + rows + b"\n]}\n"


def _row(vector: Vector) -> bytes:
    fields = {"name": _dumps(vector.name), "proto": _dumps(vector.proto.hex())}
    if vector.canonical != vector.proto:
        fields["canonical"] = _dumps(vector.canonical.hex())
    fields["json"] = b"null" if vector.json is None else vector.json
    if vector.losses:
        losses = {
            loss.face: {"why": loss.why, "proto": None if loss.proto is None else loss.proto.hex()}
            for loss in vector.losses
        }
        fields["losses"] = _dumps(losses)
    return b"{" + b", ".join(_dumps(name) + b": " + value for name, value in fields.items()) + b"}"


def _dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
