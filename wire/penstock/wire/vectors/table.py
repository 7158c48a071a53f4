"""The table of golden vectors of a message type, with what each face cannot carry said for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.json import JsonError, dumps, parse
from penstock.wire.types import TypePool
from penstock.wire.vectors.fills import fills
from penstock.wire.vectors.python import as_python_sends


class Face(StrEnum):
    """Ways to the messages that do not carry all of protobuf."""

    JSON = "json"
    """JSON over HTTP, server-sent events, google.protobuf.Struct and with them the TypeScript client."""
    PYTHON = "python"
    """The Python client."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a face makes of a message that it cannot carry as it is."""

    face: Face
    why: str
    proto: bytes | None
    """What arrives, serialized as in Vector; None when the message cannot be sent at all."""


@dataclass(frozen=True, slots=True)
class Vector:
    """One message in all its forms."""

    name: str
    proto: bytes
    """As it is sent, which need not be as a library would write it."""
    canonical: bytes
    """The same message as every library writes it: fields by number, maps by key, unknown fields last."""
    json: bytes | None
    """The JSON text as the server prints it; None where JSON has no form for the message."""
    losses: tuple[Loss, ...]

    def loss(self, face: Face) -> Loss | None:
        """What `face` cannot carry, None when it carries all."""
        return next((loss for loss in self.losses if loss.face is face), None)

    def carried(self, face: Face) -> bytes | None:
        """The canonical bytes that arrive through `face`; None when nothing can be sent."""
        loss = self.loss(face)
        return self.canonical if loss is None else loss.proto


def artifact_vectors(artifact: Artifact) -> dict[str, tuple[Vector, ...]]:
    """The vectors of the input and of the output of an artifact in the FULL view, by the type's full name."""
    types = TypePool(artifact.descriptors)
    return {name: vectors(types, name) for name in (artifact.input_type, artifact.output_type)}


def vectors(types: TypePool, full_name: str) -> tuple[Vector, ...]:
    """The vectors of a message type: the same for the same type, in each run. Raises UnknownType."""
    return tuple(_vector(types, full_name, name, proto) for name, proto in fills(types.descriptor(full_name)))


def _vector(types: TypePool, full_name: str, name: str, proto: bytes) -> Vector:
    descriptor = types.descriptor(full_name)
    message = types.message(full_name).FromString(proto)
    canonical = _serialized(message)
    losses = []
    json: bytes | None = None
    try:
        json = dumps(types.json.encoder(descriptor)(message))
    except JsonError as error:
        losses.append(Loss(Face.JSON, f"JSON has no form for it: {error}", None))
    else:
        back = _serialized(types.json.decoder(descriptor)(parse(json)))
        if back != canonical:
            losses.append(Loss(Face.JSON, _why_json(message, back), back))
    changed = types.message(full_name).FromString(proto)
    if whys := as_python_sends(changed):
        losses.append(Loss(Face.PYTHON, "; ".join(sorted(whys)), _serialized(changed)))
    return Vector(name, proto, canonical, json, tuple(losses))


def _serialized(message: Any) -> bytes:
    done: bytes = message.SerializeToString(deterministic=True)
    return done


def _why_json(message: Any, back: bytes) -> str:
    known = type(message).FromString(message.SerializeToString())
    known.DiscardUnknownFields()
    if _serialized(known) == back:
        return "JSON has no unknown fields"
    return "another message has the same JSON"
