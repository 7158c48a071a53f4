"""Translates an artifact's messages between their JSON and protobuf, for the bytes fields that carry them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import getrandbits
from typing import Any

from google.protobuf.descriptor import Descriptor

from penstock.gateway.problems import invalid, invalid_json
from penstock.gateway.route import Payload
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import GetArtifactRequest
from penstock.wire.gen.services import ArtifactService
from penstock.wire.json import JsonError
from penstock.wire.scope_missing import scope_missing
from penstock.wire.scopes import FLOWS_READ, INVOKE, SCOPE_MISSING
from penstock.wire.service import Caller
from penstock.wire.status import RpcError
from penstock.wire.types import TypePool

_LIVE = "live"
"""The alias of a flow that is named without one."""


@dataclass(frozen=True, slots=True)
class ArtifactCodec:
    """`input_bytes` makes protobuf of the JSON of an input, `output_json` JSON of an output. Both raise JsonError.

    `flow` is that of the artifact.
    """

    flow: str
    input_bytes: Callable[[object], bytes]
    output_json: Callable[[bytes], object]


class ArtifactCodecs:
    """The codecs of the artifacts that were used last, by account and graph_id.

    The account is part of the key because a codec's errors tell about types that only their owner may know.
    """

    def __init__(self, artifacts: ArtifactService, artifacts_max: int) -> None:
        self._artifacts = artifacts
        self._artifacts_max = artifacts_max
        self._codecs: OrderedDict[tuple[str, str], ArtifactCodec] = OrderedDict()

    async def of(self, request: Any, caller: Caller) -> ArtifactCodec:
        """The codec of the artifact that `request` names by its graph_id or flow.

        A flow is pinned: `request` afterwards names the artifact too, so that the engine runs the one whose types
        were used. The flow stays, so that a request that is repeated stays the same. Raises RpcError when the
        caller has no such artifact.
        """
        if bool(request.graph_id) == bool(request.flow):
            found = "both" if request.flow else "neither"
            raise invalid("graph_id", f"expected one of graph_id and flow, got {found}")
        if request.flow:
            # Where an alias stands for several artifacts, who gave no request id is sent to any of them by weight.
            request_id = request.request_id or f"{getrandbits(64):x}"
            view = GetArtifactRequest(graph_id=request.flow, view=GetArtifactRequest.BASIC, request_id=request_id)
            alias = request.flow.partition("@")[2] or _LIVE
            request.graph_id = (await self._asked(view, caller, alias)).graph_id
        key = (caller.account, request.graph_id)
        codec = self._codecs.get(key)
        # Its errors tell of types: a key that may not look at them is for the engine to refuse.
        if codec is not None and caller.grants.allows(FLOWS_READ, codec.flow):
            self._codecs.move_to_end(key)
            return codec
        full = GetArtifactRequest(graph_id=request.graph_id, view=GetArtifactRequest.FULL)
        return self._keep(caller, await self._asked(full, caller))

    async def _asked(self, request: GetArtifactRequest, caller: Caller, alias: str = "") -> Artifact:
        try:
            return await self._artifacts.get_artifact(request, caller)
        except RpcError as error:
            if error.reason != SCOPE_MISSING:
                raise
            # Whoever may invoke a flow may look at it: that is what is missing.
            flow = error.metadata["scope"].removeprefix(FLOWS_READ).removeprefix(":")
            raise scope_missing(INVOKE, flow, alias) from None

    def _keep(self, caller: Caller, artifact: Artifact) -> ArtifactCodec:
        # The artifact's own id is the key, whatever it was asked by: an alias may move.
        key = (caller.account, artifact.graph_id)
        codec = self._codecs.get(key)
        if codec is None:
            codec = self._codecs[key] = _codec(artifact)
            if len(self._codecs) > self._artifacts_max:
                self._codecs.popitem(last=False)
        return codec


def _codec(artifact: Artifact) -> ArtifactCodec:
    types = TypePool(artifact.descriptors)
    decode = types.json.decoder(types.descriptor(artifact.input_type))
    encode = types.json.encoder(types.descriptor(artifact.output_type))
    from_bytes = types.message(artifact.output_type).FromString
    return ArtifactCodec(
        flow=artifact.flow,
        input_bytes=lambda value: decode(value).SerializeToString(),
        output_json=lambda raw: encode(from_bytes(raw)),
    )


def set_input(request: Any, payload: Payload, value: object, codec: ArtifactCodec) -> None:
    """Fills the bytes field of `request` from the JSON of the input. Raises RpcError with the path in it."""
    try:
        setattr(request, payload.field, codec.input_bytes(value))
    except JsonError as error:
        raise invalid_json(error.under(payload.member)) from None


OutputPlacer = Callable[[dict[str, Any], Any, Callable[[bytes], object]], None]


def compile_outputs(root: Descriptor, payloads: tuple[Payload, ...]) -> OutputPlacer | None:
    """A function that puts decoded outputs into the JSON of a `root` message, each in place of its bytes field.

    It takes that JSON, which it changes, the message and the function that decodes. It raises RpcError where JSON has
    no form for an output; its caller can have it in protobuf. None when there is no output within a `root`.
    """
    places = tuple(_places(root, payloads))
    if not places:
        return None

    def place(body: dict[str, Any], message: Any, output_json: Callable[[bytes], object]) -> None:
        for path, field, member in places:
            inner, source = body, message
            for name in path:
                inner, source = inner.get(name, {}), getattr(source, name)
            if field in inner:
                try:
                    output = output_json(getattr(source, field))
                except JsonError as error:
                    raise invalid_json(error.under(member)) from None
                _rename(inner, field, member, output)

    return place


def _places(
    message: Descriptor,
    payloads: tuple[Payload, ...],
    path: tuple[str, ...] = (),
    above: frozenset[str] = frozenset(),
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """(names of the fields on the way, bytes field, member) of each payload within `message`.

    `above` are the messages on the way, so that a recursive one ends. Nothing carries outputs in a list or a map.
    """
    for payload in payloads:
        if payload.message == message.full_name:
            yield path, payload.field, payload.member
    above |= {message.full_name}
    for field in message.fields:
        kind = field.message_type
        if kind is not None and not field.is_repeated and kind.full_name not in above:
            yield from _places(kind, payloads, (*path, field.name), above)


def _rename(body: dict[str, Any], old: str, new: str, value: object) -> None:
    """Puts `new` in the place of `old`; a JSON object keeps the order of its members."""
    items = [(new, value) if name == old else (name, known) for name, known in body.items()]
    body.clear()
    body.update(items)
